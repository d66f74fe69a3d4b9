import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useState } from 'react';

import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import {
  cart,
  PriceChanges,
  type PricedCart,
  priceCart,
  useCartLines,
  useCartProducts,
} from '@/features/cart';
import { formatAmount } from '@/lib/money';
import { Link, useSearchParams } from '@/lib/routing';

import { OrderPayment } from './OrderPayment';
import type { PayOutcome, Price } from './pay';

/** Pay for what is in the cart. */
export function CartCheckoutPage() {
  const inCart = useCartLines();
  // What is paid here stays what it is, also when another tab has paid and so emptied the cart.
  const [lines] = useState(inCart);
  const [search] = useSearchParams();
  const { products, isPending, error, refetch } = useCartProducts(lines);
  // What the API knows better than the list, which may be a minute old.
  const [news, setNews] = useState<ReadonlyMap<string, number | null>>(new Map());
  const priced = priceCart(
    lines,
    withNews(products, news, search.get('currency')),
    search.get('currency'),
  );
  return (
    <>
      <PageHeading title={t`Checkout`} />
      {lines.length === 0 ? (
        <p className="empty">
          <Trans>Your cart is empty.</Trans> <Link to="/">{t`Back to the shop`}</Link>
        </p>
      ) : isPending ? (
        <Loading what={t`your order`} />
      ) : error !== null ? (
        <LoadError error={error} onRetry={refetch} />
      ) : (
        <>
          <PriceChanges priced={priced} />
          <CartPayment priced={priced} onNews={setNews} />
        </>
      )}
    </>
  );
}

interface CartPaymentProps {
  priced: PricedCart;
  onNews: (news: ReadonlyMap<string, number | null>) => void;
}

function CartPayment({ priced, onNews }: CartPaymentProps) {
  const { currency, lines, total } = priced;
  if (currency === null || total === null) {
    return (
      <p>
        <Trans>This cart cannot be paid as it is: not all of it is sold in one currency.</Trans>{' '}
        <Link to="/cart">{t`Your cart`}</Link>
      </p>
    );
  }
  const items = lines.map(({ line: { productId, quantity }, unitAmount }) => ({
    productId,
    quantity,
    ...(unitAmount !== null && { unitAmount }),
  }));
  const note = (outcome: PayOutcome) => {
    if (outcome.kind === 'succeeded' || outcome.kind === 'processing') {
      cart.remove(items.map(({ productId }) => productId));
    }
    if (outcome.kind === 'refused' && outcome.problem.code === 'order_not_payable') {
      const { changes = [] } = outcome.problem;
      onNews(new Map(changes.map((each) => [each.product_id, each.unit_amount ?? null])));
    }
  };
  return (
    <OrderPayment
      order={{ items, currency }}
      listed={{ amount: total, currency }}
      summary={(shown) => <CartSummary priced={priced} shown={shown} />}
      onOutcome={note}
    />
  );
}

function CartSummary({ priced: { lines, currency }, shown }: { priced: PricedCart; shown: Price }) {
  return (
    <section className="panel order order-list" aria-label={t`Your order`}>
      <ul>
        {lines.map(({ line: { productId, name, quantity }, product, unitAmount }) => (
          <li key={productId} className="order-line">
            <span>
              {quantity} × {product?.name ?? name}
            </span>
            <span>
              {unitAmount !== null &&
                currency !== null &&
                formatAmount(unitAmount * quantity, currency)}
            </span>
          </li>
        ))}
      </ul>
      <p>
        <Link to="/cart">
          <Trans>Change your cart</Trans>
        </Link>
      </p>
      <p className="order-line order-total" aria-live="polite">
        <span>
          <Trans>Total</Trans>
        </span>
        <strong>{formatAmount(shown.amount, shown.currency)}</strong>
      </p>
    </section>
  );
}

type Products = ReturnType<typeof useCartProducts>['products'];

function withNews(
  products: Products,
  news: ReadonlyMap<string, number | null>,
  currency: string | null,
): Products {
  return new Map(
    [...products].map(([productId, product]) => {
      const amount = news.get(productId);
      if (product === null || amount === undefined || currency === null)
        return [productId, product];
      if (amount === null) return [productId, null];
      return [productId, { ...product, prices: { ...product.prices, [currency]: amount } }];
    }),
  );
}

import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useRef } from 'react';

import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ProductImage, usePreferredCurrency } from '@/features/shop';
import { currencyName, formatAmount } from '@/lib/money';
import { Link } from '@/lib/routing';

import { MAX_QUANTITY } from '@/lib/purchaseLimits';
import { PriceChanges } from './PriceChanges';
import { type PricedCart, type PricedLine, priceCart } from './prices';
import { cart, useCartLines, useCartProducts } from './useCart';

/** What somebody wants to buy together. It needs no session: only paying does. */
export function CartPage() {
  const lines = useCartLines();
  const { products, isPending, error, refetch } = useCartProducts(lines);
  const [preferred, choose] = usePreferredCurrency();
  const body = useRef<HTMLDivElement>(null);
  const remove = (productId: string) => {
    cart.remove([productId]);
    // The button that had the focus is gone.
    body.current?.focus();
  };
  const priced = priceCart(lines, products, preferred);
  return (
    <>
      <PageHeading title={t`Your cart`} />
      <div className="cart" ref={body} tabIndex={-1}>
        {lines.length === 0 ? (
          <>
            <p className="empty">
              <Trans>Your cart is empty.</Trans>
            </p>
            <p>
              <Link className="button button-primary" to="/">
                <Trans>Back to the shop</Trans>
              </Link>
            </p>
          </>
        ) : isPending ? (
          <Loading what={t`your cart`} blocks={lines.length} />
        ) : error !== null ? (
          <LoadError error={error} onRetry={refetch} />
        ) : (
          <>
            <PriceChanges priced={priced} />
            <ul className="cart-lines">
              {priced.lines.map((each) => (
                <Line
                  key={each.line.productId}
                  priced={each}
                  currency={priced.currency}
                  onRemove={() => remove(each.line.productId)}
                />
              ))}
            </ul>
            <Total
              priced={priced}
              onCurrency={choose}
              onCheckOut={() =>
                cart.recordSeen([...products.values()].filter((each) => each !== null))
              }
            />
          </>
        )}
      </div>
    </>
  );
}

interface LineProps {
  priced: PricedLine;
  currency: string | null;
  onRemove: () => void;
}

function Line({ priced: { line, product, unitAmount }, currency, onRemove }: LineProps) {
  const { productId, name, quantity } = line;
  return (
    <li className="panel cart-line">
      <ProductImage product={product ?? { image_url: null }} />
      <h2>
        {product ? (
          <Link to={`/products/${encodeURIComponent(productId)}`}>{product.name}</Link>
        ) : (
          name
        )}
      </h2>
      <label className="order-line">
        <span>
          <Trans>Quantity</Trans>
          <span className="visually-hidden">: {name}</span>
        </span>
        <select
          className="input"
          value={quantity}
          onChange={(event) => cart.setQuantity(productId, Number(event.target.value))}
        >
          {Array.from({ length: MAX_QUANTITY }, (_, index) => (
            <option key={index + 1} value={index + 1}>
              {index + 1}
            </option>
          ))}
        </select>
      </label>
      <p className="price">
        {unitAmount === null || currency === null ? (
          <Trans>Not for sale</Trans>
        ) : (
          formatAmount(unitAmount * quantity, currency)
        )}
      </p>
      <button type="button" className="button button-quiet" onClick={onRemove}>
        <Trans>Remove</Trans>
        <span className="visually-hidden">: {name}</span>
      </button>
    </li>
  );
}

function Total({
  priced: { currency, currencies, total },
  onCurrency,
  onCheckOut,
}: {
  priced: PricedCart;
  onCurrency: (currency: string) => void;
  /** The person has seen the prices. */
  onCheckOut: () => void;
}) {
  return (
    <section className="panel cart-total" aria-label={t`Total`}>
      {currency !== null && currencies.length > 1 && (
        <label className="order-line">
          <span>
            <Trans>Currency</Trans>
          </span>
          <select
            className="input"
            value={currency}
            onChange={(event) => onCurrency(event.target.value)}
          >
            {currencies.map((each) => (
              <option key={each} value={each}>
                {each.toUpperCase()} – {currencyName(each)}
              </option>
            ))}
          </select>
        </label>
      )}
      {total === null || currency === null ? (
        <p role="status">
          <Trans>This cart cannot be paid as it is: not all of it is sold in one currency.</Trans>
        </p>
      ) : (
        <>
          <p className="order-line order-total" aria-live="polite">
            <span>
              <Trans>Total</Trans>
            </span>
            <strong>{formatAmount(total, currency)}</strong>
          </p>
          <Link
            className="button button-primary"
            to={`/checkout?currency=${currency}`}
            onClick={onCheckOut}
          >
            <Trans>Check out</Trans>
          </Link>
        </>
      )}
    </section>
  );
}

import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import type { Product } from '@/api/client';
import { ProductImage } from '@/features/shop';
import { currencyName, formatAmount } from '@/lib/money';

import type { Price } from './pay';

interface OrderSummaryProps {
  product: Product;
  quantity: number;
  shown: Price;
  onQuantity: { max: number; choose: (quantity: number) => void };
  onCurrency: (currency: string) => void;
}

export function OrderSummary({
  product,
  quantity,
  shown,
  onQuantity,
  onCurrency,
}: OrderSummaryProps) {
  const currencies = Object.keys(product.prices);
  return (
    <section className="panel order" aria-label={t`Your order`}>
      <ProductImage product={product} />
      <h2>{product.name}</h2>
      <label className="order-line">
        <span>
          <Trans>Quantity</Trans>
        </span>
        <select
          className="input"
          value={quantity}
          onChange={(event) => onQuantity.choose(Number(event.target.value))}
        >
          {Array.from({ length: onQuantity.max }, (_, index) => (
            <option key={index + 1} value={index + 1}>
              {index + 1}
            </option>
          ))}
        </select>
      </label>
      {currencies.length > 1 && (
        <label className="order-line">
          <span>
            <Trans>Currency</Trans>
          </span>
          <select
            className="input"
            value={shown.currency}
            onChange={(event) => onCurrency(event.target.value)}
          >
            {currencies.map((currency) => (
              <option key={currency} value={currency}>
                {currency.toUpperCase()} – {currencyName(currency)}
              </option>
            ))}
          </select>
        </label>
      )}
      <p className="order-line order-total" aria-live="polite">
        <span>
          <Trans>Total</Trans>
        </span>
        <strong>{formatAmount(shown.amount, shown.currency)}</strong>
      </p>
    </section>
  );
}

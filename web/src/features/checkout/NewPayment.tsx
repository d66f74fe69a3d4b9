import type { Product } from '@/api/client';
import { useSearchParams } from '@/lib/routing';

import { OrderPayment } from './OrderPayment';
import { OrderSummary } from './OrderSummary';
import type { Price } from './pay';

interface NewPaymentProps {
  product: Product;
  quantity: number;
  maxQuantity: number;
  unitPrice: Price;
}

/** Buy one product. What is bought is in the address. */
export function NewPayment({ product, quantity, maxQuantity, unitPrice }: NewPaymentProps) {
  const [search, setSearch] = useSearchParams();
  const { amount, currency } = unitPrice;
  const choose = (name: string, value: string) => {
    const changed = new URLSearchParams(search);
    changed.set(name, value);
    setSearch(changed, { replace: true });
  };
  return (
    <OrderPayment
      order={{ items: [{ productId: product.product_id, quantity }], currency }}
      listed={{ amount: amount * quantity, currency }}
      summary={(shown) => (
        <OrderSummary
          product={product}
          quantity={quantity}
          shown={shown}
          onQuantity={{ max: maxQuantity, choose: (value) => choose('quantity', String(value)) }}
          onCurrency={(value) => choose('currency', value)}
        />
      )}
    />
  );
}

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Navigate, useLocation, useSearchParams } from 'react-router';

import { Alert } from '@/components/Alert';
import { Loading } from '@/components/Loading';
import { getPayment } from '@/features/history/getPayment';
import { PRODUCTS_KEY } from '@/features/shop/listProducts';
import { type Product, useApi } from '@/lib/api/client';
import { formatAmount } from '@/lib/money';

import { OrderSummary } from './OrderSummary';
import { payOrder, type Price } from './pay';
import { PaymentForm } from './PaymentForm';
import { useAttempts } from './useAttempts';

interface NewPaymentProps {
  product: Product;
  quantity: number;
  maxQuantity: number;
  unitPrice: Price;
}

/** Buy a product: a new payment, or the one that this tab has begun for the same order. */
export function NewPayment({ product, quantity, maxQuantity, unitPrice }: NewPaymentProps) {
  const api = useApi();
  const attempts = useAttempts();
  const queries = useQueryClient();
  const { pathname } = useLocation();
  const [search, setSearch] = useSearchParams();
  const { currency } = unitPrice;
  const order = { productId: product.product_id, quantity, currency };
  const orderId = JSON.stringify(order);

  // What was left half-way here, before a reload say; looked at once for each order.
  const [[lookedFor, begunId], setBegun] = useState<[string, string | null]>(['', null]);
  if (lookedFor !== orderId) setBegun([orderId, attempts.find(order)?.paymentId ?? null]);
  const begun = useQuery({
    queryKey: ['payments', begunId, 'begun'],
    queryFn: () => getPayment(api, begunId ?? ''),
    enabled: begunId !== null,
    staleTime: Infinity,
    gcTime: 0,
  });

  const [accepted, setAccepted] = useState<{ orderId: string; price: Price } | null>(null);
  const listed = { amount: unitPrice.amount * quantity, currency };
  const shown = accepted?.orderId === orderId ? accepted.price : listed;

  if (begunId !== null && begun.isPending) return <Loading what="your order" />;
  if (begun.data?.status === 'succeeded') {
    return <Navigate to={`/payments/${begun.data.payment_id}/receipt?before`} replace />;
  }

  const choose = (name: string, value: string) => {
    const changed = new URLSearchParams(search);
    changed.set(name, value);
    setSearch(changed, { replace: true, preventScrollReset: true });
  };
  return (
    <div className="checkout">
      <OrderSummary
        product={product}
        quantity={quantity}
        shown={shown}
        onQuantity={{ max: maxQuantity, choose: (value) => choose('quantity', String(value)) }}
        onCurrency={(value) => choose('currency', value)}
      />
      <div>
        {begun.data && (
          <Alert kind="info" title="You have begun to pay for this order">
            <p>Go on here: it is the same payment, and you cannot be charged twice for it.</p>
          </Alert>
        )}
        <PaymentForm
          key={orderId}
          amount={formatAmount(shown.amount, shown.currency)}
          shown={shown}
          comingBack={`${pathname}?${search.toString()}`}
          chosen={search.get('card') ?? begun.data?.payment_method_id ?? null}
          onChoose={(card) => choose('card', card)}
          waitsForBank={
            begun.data?.status === 'requires_action' ? begun.data.payment_method_id : null
          }
          pay={(choice, tools) => payOrder(order, choice, tools)}
          onAcceptPrice={(price) => setAccepted({ orderId, price })}
          onRefusePrice={() => {
            attempts.forget(order);
            setBegun([orderId, null]);
            return queries.invalidateQueries({ queryKey: PRODUCTS_KEY });
          }}
        />
      </div>
    </div>
  );
}

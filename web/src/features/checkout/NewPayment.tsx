import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { type Product, useApi } from '@/api/client';
import { getPayment } from '@/api/getPayment';
import { PRODUCTS_KEY } from '@/api/listProducts';
import { Alert } from '@/components/Alert';
import { Loading } from '@/components/Loading';
import { canBeResumed, hasEndedUnpaid, isInProgress } from '@/features/history';
import { formatAmount } from '@/lib/money';
import { useSearchParams } from '@/lib/routing';

import { BoughtBefore } from './BoughtBefore';
import { OrderSummary } from './OrderSummary';
import { payOrder, type Price } from './pay';
import { PaymentForm } from './PaymentForm';
import { useStartedPayments } from './useStartedPayments';

interface NewPaymentProps {
  product: Product;
  quantity: number;
  maxQuantity: number;
  unitPrice: Price;
}

/** Buy a product, with a new payment or the one that was started for the same order before. */
export function NewPayment({ product, quantity, maxQuantity, unitPrice }: NewPaymentProps) {
  const api = useApi();
  const startedPayments = useStartedPayments();
  const queries = useQueryClient();
  const [search, setSearch] = useSearchParams();
  const { currency } = unitPrice;
  const order = { productId: product.product_id, quantity, currency };
  const orderId = JSON.stringify(order);

  // A payment started before, say before a reload. Looked up once per order, and when another tab
  // has paid: what this tab does itself must not replace the form.
  const [[lookedFor, startedId], setStarted] = useState<[string, string | null]>(['', null]);
  if (lookedFor !== orderId) setStarted([orderId, startedPayments.find(order)?.paymentId ?? null]);
  useEffect(
    () =>
      startedPayments.followOtherTabs(order, () => {
        const found = startedPayments.find(order);
        if (found?.paidAt === undefined) return;
        setStarted([orderId, found.paymentId]);
        void queries.invalidateQueries({ queryKey: ['payments', found.paymentId, 'started'] });
      }),
    // The order is what its id says.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [startedPayments, queries, orderId],
  );
  const started = useQuery({
    queryKey: ['payments', startedId, 'started'],
    queryFn: async () => {
      const payment = await getPayment(api, startedId ?? '');
      if (hasEndedUnpaid(payment)) startedPayments.forget(order);
      return payment;
    },
    enabled: startedId !== null,
    staleTime: Infinity,
    gcTime: 0,
  });

  const [accepted, setAccepted] = useState<{ orderId: string; price: Price } | null>(null);
  const listed = { amount: unitPrice.amount * quantity, currency };
  const shown = accepted?.orderId === orderId ? accepted.price : listed;

  if (startedId !== null && started.isPending) return <Loading what={t`your order`} />;
  if (started.data?.status === 'succeeded') {
    return (
      <BoughtBefore
        payment={started.data}
        onBuyAgain={() => {
          startedPayments.forget(order);
          setStarted([orderId, null]);
        }}
      />
    );
  }

  const choose = (name: string, value: string) => {
    const changed = new URLSearchParams(search);
    changed.set(name, value);
    setSearch(changed, { replace: true });
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
        {started.data && (canBeResumed(started.data) || isInProgress(started.data)) && (
          <Alert kind="info" title={t`You have an unfinished payment for this order`}>
            <p>
              <Trans>
                Continue where you left off. It is the same payment, so you cannot be charged twice.
              </Trans>
            </p>
          </Alert>
        )}
        <PaymentForm
          lock={startedPayments.nameOf(order)}
          amount={formatAmount(shown.amount, shown.currency)}
          shown={shown}
          startedWith={
            started.data && canBeResumed(started.data) ? started.data.payment_method_id : null
          }
          chosen={search.get('card') ?? started.data?.payment_method_id ?? null}
          onChoose={(card) => choose('card', card)}
          challengedPaymentMethodId={
            started.data?.status === 'requires_action' ? started.data.payment_method_id : null
          }
          pay={(choice, tools) => payOrder(order, choice, tools)}
          onAcceptPrice={(price) => setAccepted({ orderId, price })}
          onRefusePrice={() => {
            startedPayments.forget(order);
            setStarted([orderId, null]);
            return queries.invalidateQueries({ queryKey: PRODUCTS_KEY });
          }}
        />
      </div>
    </div>
  );
}

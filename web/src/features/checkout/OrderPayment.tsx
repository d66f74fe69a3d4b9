import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';

import { useApi } from '@/api/client';
import { getPayment } from '@/api/getPayment';
import { PRODUCTS_KEY } from '@/api/listProducts';
import { Alert } from '@/components/Alert';
import { Loading } from '@/components/Loading';
import { canBeResumed, hasEndedUnpaid, isInProgress } from '@/features/history';
import { formatAmount } from '@/lib/money';
import { useSearchParams } from '@/lib/routing';

import { BoughtBefore } from './BoughtBefore';
import { payOrder, type PayOutcome, type Price } from './pay';
import { PaymentForm } from './PaymentForm';
import type { Order } from './startedPayments';
import { useStartedPayments } from './useStartedPayments';

interface OrderPaymentProps {
  order: Order;
  /** What it costs by the prices that are shown. */
  listed: Price;
  summary: (shown: Price) => ReactNode;
  /** What became of an attempt, before the customer is told. */
  onOutcome?: (outcome: PayOutcome) => void;
}

/** Pay for an order, with a new payment or the one that was started for the same order before. */
export function OrderPayment({ order, listed, summary, onOutcome }: OrderPaymentProps) {
  const api = useApi();
  const startedPayments = useStartedPayments();
  const queries = useQueryClient();
  const [search, setSearch] = useSearchParams();
  const orderId = startedPayments.nameOf(order);

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

  const chooseCard = (card: string) => {
    const changed = new URLSearchParams(search);
    changed.set('card', card);
    setSearch(changed, { replace: true });
  };
  return (
    <div className="checkout">
      {summary(shown)}
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
          lock={orderId}
          amount={formatAmount(shown.amount, shown.currency)}
          shown={shown}
          startedWith={
            started.data && canBeResumed(started.data) ? started.data.payment_method_id : null
          }
          chosen={search.get('card') ?? started.data?.payment_method_id ?? null}
          onChoose={chooseCard}
          challengedPaymentMethodId={
            started.data?.status === 'requires_action' ? started.data.payment_method_id : null
          }
          pay={async (choice, tools) => {
            const outcome = await payOrder(order, choice, tools);
            onOutcome?.(outcome);
            return outcome;
          }}
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

import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';

import { useApi } from '@/api/client';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import type { StaffRole } from '@/features/session';
import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';
import { Link, useParams } from '@/lib/routing';

import { canCancelOrder } from './actions';
import { spellOut } from './amounts';
import { Badge } from './Badge';
import { Fact } from './Fact';
import { Lines } from './Lines';
import { cancelOrder } from './merchantApi';
import { MERCHANT_KEY, useMerchantOrder } from './queries';
import { Question } from './Question';
import { actorText } from './staffHistory';
import { StaffLoadError, StaffProblem } from './StaffProblem';
import { orderStatusText } from './staffStatus';
import type { Order, OrderDetails, Shipping } from './types';

export function OrderPage({ role, userId }: { role: StaffRole; userId: string }) {
  const { orderId = '' } = useParams();
  const order = useMerchantOrder(orderId);
  const outcome = useRef<HTMLParagraphElement>(null);
  const [said, setSaid] = useState('');
  // What had the focus is gone, with the question. Before that, nothing outside of it takes the focus.
  useLayoutEffect(() => {
    if (said !== '') outcome.current?.focus();
  }, [said]);
  return (
    <>
      <PageHeading title={t`Order`} />
      <p ref={outcome} className="outcome" role="status" tabIndex={-1}>
        {said}
      </p>
      {order.isPending && <Loading what={t`the order`} />}
      {order.isError && <StaffLoadError error={order.error} onRetry={order.refetch} />}
      {order.data && (
        <div className="console-columns">
          <div>
            <OrderFacts order={order.data} userId={userId} />
            <Lines of={order.data} />
          </div>
          <div>
            {canCancelOrder(order.data, role) && (
              <CancelOrder order={order.data} onDone={setSaid} />
            )}
          </div>
        </div>
      )}
    </>
  );
}

function OrderFacts({ order, userId }: { order: OrderDetails; userId: string }) {
  const shipping = order.shipping as Shipping | null;
  const address = shipping?.address;
  return (
    <section className="panel" aria-label={t`Order`}>
      <p className="total">{formatAmount(order.total, order.currency)}</p>
      <dl className="details">
        <Fact name={t`Status`}>
          <Badge status={orderStatusText(order.status)} />
        </Fact>
        <Fact name={t`Order reference`}>{order.order_reference}</Fact>
        {order.payment_id !== null && (
          <Fact name={t`Payment`}>
            <Link to={`/merchant/payments/${order.payment_id}`}>{order.payment_id}</Link>
          </Fact>
        )}
        <Fact name={t`Customer`}>
          <Link to={`/merchant/payments?user_id=${encodeURIComponent(order.user_id)}`}>
            {order.email ?? order.user_id}
          </Link>
        </Fact>
        {order.capture_method === 'manual' && (
          <Fact name={t`Capture`}>
            <Trans>The money is held first, and captured by you.</Trans>
          </Fact>
        )}
        {shipping && (
          <Fact name={t`Delivery`}>
            {[
              shipping.name,
              address?.line1,
              address?.line2,
              [address?.postal_code, address?.city].filter(Boolean).join(' '),
              address?.state,
              address?.country,
              shipping.phone,
            ]
              .filter(Boolean)
              .join(', ')}
          </Fact>
        )}
        {order.receipt_email !== null && <Fact name={t`Receipt to`}>{order.receipt_email}</Fact>}
        <Fact name={t`Can be paid until`}>
          <time dateTime={order.expires_at}>{formatTime(order.expires_at)}</time>
        </Fact>
        <Fact name={t`Made`}>
          <Trans>
            <time dateTime={order.created_at}>{formatTime(order.created_at)}</time> by{' '}
            {actorText({ actor: order.created_by, by: '' }, userId)}
          </Trans>
        </Fact>
        {Object.entries(order.metadata).map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
        <Fact name={t`Order ID`}>
          <code>{order.order_id}</code>
        </Fact>
      </dl>
    </section>
  );
}

function CancelOrder({ order, onDone }: { order: Order; onDone: (text: string) => void }) {
  const { order_id: orderId, total, currency } = order;
  const api = useApi();
  const queries = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const reload = () => queries.invalidateQueries({ queryKey: MERCHANT_KEY });
  const cancel = useMutation({
    mutationFn: () => cancelOrder(api, orderId),
    onSuccess: async () => {
      await reload();
      setAsked(false);
      onDone(t`The order was cancelled.`);
    },
    onError: () => void reload(),
  });
  return (
    <section className="form panel" aria-label={t({ message: 'Cancel', context: 'end it' })}>
      <h2>
        <Trans context="end it">Cancel</Trans>
      </h2>
      {cancel.isError && !isAsked && <StaffProblem error={cancel.error} />}
      <p>
        <Trans>The customer can then no longer pay it.</Trans>
      </p>
      <button
        type="button"
        className="button button-secondary"
        onClick={() => {
          cancel.reset();
          setAsked(true);
        }}
      >
        <Trans>Cancel the order …</Trans>
      </button>
      {isAsked && (
        <Question
          title={t`Cancel the order of ${spellOut(total, currency)}?`}
          confirm={t`Cancel the order`}
          busy={cancel.isPending}
          error={cancel.error}
          onConfirm={() => cancel.mutate()}
          onClose={() => setAsked(false)}
        >
          <p>
            <Trans>
              Its unfinished payment is cancelled too, and money that is held is released. If the
              customer is paying at this very moment, the payment may still go through: then you see
              it in the payment, and decide about a refund. You cannot take this back.
            </Trans>
          </p>
        </Question>
      )}
    </section>
  );
}

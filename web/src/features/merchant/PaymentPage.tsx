import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useLayoutEffect, useRef, useState } from 'react';

import { Alert } from '@/components/Alert';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import type { StaffRole } from '@/features/session';
import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';
import { Link, useParams } from '@/lib/routing';

import { actionsFor } from './actions';
import { Badge } from './Badge';
import { CancelPayment } from './CancelPayment';
import { CaptureForm } from './CaptureForm';
import { DisputeList } from './DisputeList';
import { Fact } from './Fact';
import { Lines } from './Lines';
import { useMerchantPayment } from './queries';
import { RefundForm } from './RefundForm';
import { RefundList } from './RefundList';
import { StaffLoadError } from './StaffProblem';
import { inWords, paymentStatusText } from './staffStatus';
import { StaffTimeline } from './StaffTimeline';
import type { PaymentDetails } from './types';

export function PaymentPage({ role, userId }: { role: StaffRole; userId: string }) {
  const { paymentId = '' } = useParams();
  const payment = useMerchantPayment(paymentId);
  const outcome = useRef<HTMLParagraphElement>(null);
  const [{ said, count }, setSaid] = useState({ said: '', count: 0 });
  const say = (text: string) => setSaid({ said: text, count: count + 1 });
  // What had the focus is gone, with the question. Before that, nothing outside of it takes the focus.
  useLayoutEffect(() => {
    if (count > 0) outcome.current?.focus();
  }, [count]);
  return (
    <>
      <PageHeading title={t`Payment`} />
      <p ref={outcome} className="outcome" role="status" tabIndex={-1}>
        {said}
      </p>
      {payment.isPending && <Loading what={t`the payment`} />}
      {payment.isError && <StaffLoadError error={payment.error} onRetry={payment.refetch} />}
      {payment.data && (
        <div className="console-columns">
          <div>
            <Facts payment={payment.data} />
            <Lines of={{ ...payment.data, total: payment.data.amount }} />
            <RefundList paymentId={paymentId} ownUserId={userId} />
            <DisputeList disputes={payment.data.disputes} />
            <StaffTimeline payment={payment.data} ownUserId={userId} />
          </div>
          <div>
            {/* The amounts in its forms are new after each of them. */}
            <PossibleActions key={count} payment={payment.data} role={role} onDone={say} />
          </div>
        </div>
      )}
    </>
  );
}

interface PossibleActionsProps {
  payment: PaymentDetails;
  role: StaffRole;
  onDone: (text: string) => void;
}

function PossibleActions({ payment, role, onDone }: PossibleActionsProps) {
  const { refundable, capturable, cancelable, unrefundable } = actionsFor(payment, role);
  return (
    <>
      {capturable > 0 && <CaptureForm payment={payment} capturable={capturable} onDone={onDone} />}
      {refundable > 0 && <RefundForm payment={payment} refundable={refundable} onDone={onDone} />}
      {cancelable && <CancelPayment payment={payment} onDone={onDone} />}
      {capturable === 0 && refundable === 0 && !cancelable && (
        <section className="panel" aria-label={t`What can be done`}>
          <p>{nothingToDo()[unrefundable ?? 'none']}</p>
        </section>
      )}
    </>
  );
}

const nothingToDo = () => ({
  all_refunded: t`All of it has been refunded, or is about to be.`,
  disputed: t`It is disputed. The bank decides about the money, so it cannot be refunded here.`,
  none: t`There is nothing that you can do with this payment now.`,
});

function Facts({ payment }: { payment: PaymentDetails }) {
  const money = (amount: number) => formatAmount(amount, payment.currency);
  const { last_payment_error: error, capture_before: deadline } = payment;
  return (
    <section className="panel stack" aria-label={t`Payment`}>
      {payment.order_closed === 'canceled' && payment.amount_received > 0 && (
        <Alert kind="info" title={t`It was paid although its order had been cancelled`}>
          <p>
            <Trans>Decide whether to refund it. Nothing is refunded by itself.</Trans>
          </p>
        </Alert>
      )}
      <p className="total">{money(payment.amount)}</p>
      <dl className="details">
        <Fact name={t`Status`}>
          <Badge status={paymentStatusText(payment)} />
        </Fact>
        {error && payment.status !== 'succeeded' && (
          <Fact name={t`Reason`}>
            {inWords(error.decline_code ?? error.code)}.{' '}
            {error.retryable
              ? t`Trying again may help.`
              : t`Trying again with this card does not help.`}
          </Fact>
        )}
        {payment.amount_received > 0 && (
          <Fact name={t`Paid`}>{money(payment.amount_received)}</Fact>
        )}
        {payment.amount_refunded > 0 && (
          <Fact name={t`Refunded`}>{money(payment.amount_refunded)}</Fact>
        )}
        {payment.status === 'requires_capture' && deadline !== null && (
          <Fact name={t`Capture before`}>
            <time dateTime={deadline}>{formatTime(deadline)}</time>
          </Fact>
        )}
        {payment.off_session && (
          <Fact name={t`Charged`}>
            <Trans>By your program, while the customer was away</Trans>
          </Fact>
        )}
        {payment.order_id !== null && (
          <Fact name={t`Order`}>
            <Link to={`/merchant/orders/${payment.order_id}`}>
              {payment.order_reference ?? payment.order_id}
            </Link>
          </Fact>
        )}
        <Fact name={t`Customer`}>
          <Link to={`/merchant/payments?user_id=${encodeURIComponent(payment.user_id)}`}>
            {payment.email ?? payment.user_id}
          </Link>
        </Fact>
        <Fact name={t`Started`}>
          <time dateTime={payment.created_at}>{formatTime(payment.created_at)}</time>
        </Fact>
        <Fact name={t`Payment ID`}>
          <code>{payment.payment_id}</code>
        </Fact>
        {payment.payment_intent_id !== null && (
          <Fact name={t`At Stripe`}>
            <code>{payment.payment_intent_id}</code>
          </Fact>
        )}
      </dl>
    </section>
  );
}

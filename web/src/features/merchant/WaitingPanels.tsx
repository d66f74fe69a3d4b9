import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { type ReactNode, useId, useState } from 'react';

import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';
import { Link } from '@/lib/routing';

import { Badge } from './Badge';
import { byDeadline, heldAmounts, needsResponse, openDisputes } from './overview';
import { StaffLoadError } from './StaffProblem';
import { disputeStatusText } from './staffStatus';
import type { Payment } from './types';
import { usePaymentsWaiting } from './useOverview';

const MOST_SHOWN = 10;

/** Money that is held, and the payments whose deadlines come first. */
export function HeldPanel() {
  const held = usePaymentsWaiting('requires_capture');
  const payments = held.data?.payments ?? [];
  const first = byDeadline(payments, ({ capture_before: deadline }) => deadline);
  return (
    <Panel title={t`Waiting for capture`} status="requires_capture" query={held}>
      {payments.length === 0 ? (
        <p>
          <Trans>No money is held.</Trans>
        </p>
      ) : (
        <ul className="amounts">
          {heldAmounts(payments).map(({ currency, amount }) => (
            <li key={currency}>{formatAmount(amount, currency)}</li>
          ))}
        </ul>
      )}
      <ul className="facts" aria-label={t`The next deadlines`}>
        {first.slice(0, MOST_SHOWN).map((payment) => (
          <li key={payment.payment_id}>
            <PaymentLink payment={payment} />{' '}
            {formatAmount(payment.amount_capturable, payment.currency)}
            <Deadline at={payment.capture_before} what={t`Capture before`} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Disputes that are not decided, and until when to answer them. */
export function DisputesPanel() {
  const disputed = usePaymentsWaiting('disputed');
  const open = openDisputes(disputed.data?.payments ?? []);
  return (
    <Panel title={t`Disputes`} status="disputed" query={disputed}>
      {open.length === 0 && (
        <p>
          <Trans>No dispute is open.</Trans>
        </p>
      )}
      <ul className="facts">
        {open.slice(0, MOST_SHOWN).map(({ payment, dispute }) => (
          <li key={dispute.dispute_id}>
            <PaymentLink payment={payment} />{' '}
            {formatAmount(dispute.amount ?? payment.amount, dispute.currency ?? payment.currency)}{' '}
            <Badge status={disputeStatusText(dispute.status)} />
            {needsResponse(dispute) && (
              <Deadline at={dispute.evidence_due_by} what={t`Answer before`} />
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

interface PanelProps {
  title: string;
  status: string;
  query: ReturnType<typeof usePaymentsWaiting>;
  children: ReactNode;
}

function Panel({ title, status, query, children }: PanelProps) {
  const titleId = useId();
  const count = query.data?.payments.length ?? 0;
  return (
    <section className="panel stack" aria-labelledby={titleId}>
      <h2 id={titleId}>{title}</h2>
      {query.isPending && (
        <p role="status">
          <Trans>Loading…</Trans>
        </p>
      )}
      {query.isError && <StaffLoadError error={query.error} onRetry={query.refetch} />}
      {query.data && children}
      {query.data?.isCut === true && (
        <p className="muted small">
          <Trans>These are the newest {count}. There are more.</Trans>
        </p>
      )}
      {count > 0 && (
        <p>
          <Link to={`/merchant/payments?status=${status}`}>
            <Trans>
              All of them<span className="visually-hidden">: {title}</span>
            </Trans>
          </Link>
        </p>
      )}
    </section>
  );
}

function PaymentLink({ payment }: { payment: Payment }) {
  return (
    <Link to={`/merchant/payments/${payment.payment_id}`}>
      {payment.order_reference ?? payment.payment_id}
    </Link>
  );
}

function Deadline({ at, what }: { at: string | null; what: string }) {
  const [now] = useState(Date.now);
  if (at === null) return null;
  const isOver = Date.parse(at) < now;
  return (
    <p className={isOver ? 'overdue small' : 'muted small'}>
      {isOver ? t`It ended on` : what} <time dateTime={at}>{formatTime(at)}</time>
    </p>
  );
}

import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import type { Payment } from '@/api/client';
import { usePaymentMethods } from '@/api/listPaymentMethods';
import { CardName } from '@/features/cards';
import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';
import { Link } from '@/lib/routing';

import { PaymentLines } from './PaymentLines';
import { StatusBadge } from './StatusBadge';

/** A payment's amount, status, products and card, and the id to quote to support. */
export function PaymentDetails({ payment }: { payment: Payment }) {
  const cards = usePaymentMethods();
  const card = cards.data?.pages
    .flatMap(({ data }) => data)
    .find(({ payment_method_id: id }) => id === payment.payment_method_id);
  return (
    <section className="panel" aria-label={t`Payment`}>
      <p className="total">{formatAmount(payment.amount, payment.currency)}</p>
      <dl className="details">
        <dt>
          <Trans>Status</Trans>
        </dt>
        <dd>
          <StatusBadge payment={payment} />
        </dd>
        {payment.amount_refunded > 0 && (
          <>
            <dt>
              <Trans>Refunded</Trans>
            </dt>
            <dd>{formatAmount(payment.amount_refunded, payment.currency)}</dd>
          </>
        )}
        <dt>
          <Trans>Products</Trans>
        </dt>
        <dd>
          <PaymentLines payment={payment} />
        </dd>
        {card && (
          <>
            <dt>
              <Trans>Card</Trans>
            </dt>
            <dd>
              <CardName card={card} />
            </dd>
          </>
        )}
        <dt>
          <Trans>Date</Trans>
        </dt>
        <dd>
          <time dateTime={payment.created_at}>{formatTime(payment.created_at)}</time>
        </dd>
        <dt>
          <Trans>Payment ID</Trans>
        </dt>
        <dd>
          <code>{payment.payment_id}</code>
        </dd>
      </dl>
      {payment.status === 'succeeded' && (
        <p className="not-printed">
          <Link to={`/payments/${payment.payment_id}/print`}>
            <Trans>Receipt to print</Trans>
          </Link>
        </p>
      )}
    </section>
  );
}

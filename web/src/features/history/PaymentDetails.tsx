import type { Payment } from '@/api/client';
import { usePaymentMethods } from '@/api/listPaymentMethods';
import { CardName } from '@/features/cards';
import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';

import { PaymentLines } from './PaymentLines';
import { StatusBadge } from './StatusBadge';

/** A payment's amount, status, products and card, and the id to quote to support. */
export function PaymentDetails({ payment }: { payment: Payment }) {
  const cards = usePaymentMethods();
  const card = cards.data?.pages
    .flatMap(({ data }) => data)
    .find(({ payment_method_id: id }) => id === payment.payment_method_id);
  return (
    <section className="panel" aria-label="Payment">
      <p className="total">{formatAmount(payment.amount, payment.currency)}</p>
      <dl className="details">
        <dt>Status</dt>
        <dd>
          <StatusBadge payment={payment} />
        </dd>
        {payment.amount_refunded > 0 && (
          <>
            <dt>Refunded</dt>
            <dd>{formatAmount(payment.amount_refunded, payment.currency)}</dd>
          </>
        )}
        <dt>Products</dt>
        <dd>
          <PaymentLines payment={payment} />
        </dd>
        {card && (
          <>
            <dt>Card</dt>
            <dd>
              <CardName card={card} />
            </dd>
          </>
        )}
        <dt>Date</dt>
        <dd>
          <time dateTime={payment.created_at}>{formatTime(payment.created_at)}</time>
        </dd>
        <dt>Payment ID</dt>
        <dd>
          <code>{payment.payment_id}</code>
        </dd>
      </dl>
    </section>
  );
}

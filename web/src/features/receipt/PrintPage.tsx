import './print.css';

import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import type { PaymentWithHistory } from '@/api/client';
import { usePayment } from '@/api/getPayment';
import { usePaymentMethods } from '@/api/listPaymentMethods';
import { Alert } from '@/components/Alert';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { CardName } from '@/features/cards';
import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';
import { Link, useParams } from '@/lib/routing';
import { useShop } from '@/lib/useConfig';

import { amountsOf, paidAt } from './receipt';

/** A paid purchase, as it is printed: on one page, without what is around it on the screen. */
export function PrintPage() {
  const { paymentId = '' } = useParams();
  const payment = usePayment(paymentId);
  return (
    <div className="narrow">
      <PageHeading title={t`Receipt`} />
      {payment.isPending && <Loading what={t`the receipt`} />}
      {payment.isError && <LoadError error={payment.error} onRetry={payment.refetch} />}
      {payment.data &&
        (payment.data.status === 'succeeded' ? (
          <>
            <Receipt payment={payment.data} />
            <div className="actions not-printed">
              <button
                type="button"
                className="button button-primary"
                onClick={() => {
                  window.print();
                }}
              >
                <Trans>Print</Trans>
              </button>
            </div>
          </>
        ) : (
          <Alert kind="info" title={t`There is no receipt yet`}>
            <p>
              <Trans>Nothing has been charged for this purchase.</Trans>
            </p>
          </Alert>
        ))}
      <p className="not-printed">
        <Link to={`/payments/${paymentId}`}>
          <Trans>Back to the payment</Trans>
        </Link>
      </p>
    </div>
  );
}

function Receipt({ payment }: { payment: PaymentWithHistory }) {
  const shop = useShop();
  const cards = usePaymentMethods();
  const card = cards.data?.pages
    .flatMap(({ data }) => data)
    .find(({ payment_method_id: id }) => id === payment.payment_method_id);
  const money = (minor: number) => formatAmount(minor, payment.currency);
  const at = paidAt(payment);
  return (
    <section className="panel printed" aria-label={t`Receipt`}>
      <address className="printed-merchant">
        <strong>{shop.name}</strong>
        {shop.address !== undefined && <span>{shop.address}</span>}
        {shop.tax_number !== undefined && (
          <span>
            <Trans>Tax number: {shop.tax_number}</Trans>
          </span>
        )}
      </address>
      <dl className="details">
        <dt>
          <Trans>Order</Trans>
        </dt>
        <dd>{payment.order_reference ?? payment.payment_id}</dd>
        <dt>
          <Trans>Paid on</Trans>
        </dt>
        <dd>
          <time dateTime={at}>{formatTime(at)}</time>
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
      </dl>
      <table className="printed-amounts">
        <caption className="visually-hidden">
          <Trans>What was paid</Trans>
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Item</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Quantity</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Price</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Amount</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {payment.lines.map((line, index) => (
            <tr key={index}>
              <th scope="row">{line.description}</th>
              <td className="number">{line.quantity}</td>
              <td className="number">{money(line.unit_amount)}</td>
              <td className="number">{money(line.amount)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {amountsOf(payment).map(({ name, amount, isSum }) => (
            <tr key={name} className={isSum ? 'printed-sum' : undefined}>
              <th scope="row" colSpan={3}>
                {name}
              </th>
              <td className="number">{money(amount)}</td>
            </tr>
          ))}
        </tfoot>
      </table>
      {payment.order_reference !== null && (
        <p className="muted small">
          <Trans>Payment ID: {payment.payment_id}</Trans>
        </p>
      )}
    </section>
  );
}

import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { SubmitEvent } from 'react';

import { SelectField, TextField } from '@/components/Field';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ShowMore } from '@/components/ShowMore';
import { SubmitButton } from '@/components/SubmitButton';
import { formatTime } from '@/lib/dates';
import { formatAmount } from '@/lib/money';
import { Link, useSearchParams } from '@/lib/routing';

import { Badge } from './Badge';
import { itemsOf, useMerchantPayments } from './queries';
import { PAYMENT_FIELDS, paymentFilters, searchOf } from './search';
import { StaffLoadError } from './StaffProblem';
import { paymentStatuses, paymentStatusText } from './staffStatus';
import type { Payment } from './types';

/** Payments, newest first. The address holds the search, so that it can be kept and shared. */
export function PaymentsPage() {
  const [search, setSearch] = useSearchParams();
  const payments = useMerchantPayments(paymentFilters(search));
  const found = itemsOf(payments.data);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setSearch(searchOf(new FormData(event.currentTarget), PAYMENT_FIELDS));
  };
  const value = (name: string) => search.get(name) ?? '';
  return (
    <>
      <PageHeading title={t`Payments`} />
      {/* Another address, such as a link from a payment, fills the form anew. */}
      <form
        key={search.toString()}
        className="search panel"
        role="search"
        aria-label={t`Payments`}
        onSubmit={submit}
      >
        <TextField
          label={t`Order reference`}
          name="order_reference"
          required={false}
          defaultValue={value('order_reference')}
        />
        <TextField
          label={t`Email address`}
          name="email"
          type="email"
          required={false}
          autoComplete="off"
          defaultValue={value('email')}
        />
        <TextField
          label={t`User ID`}
          name="user_id"
          required={false}
          defaultValue={value('user_id')}
        />
        <SelectField
          label={t`Status`}
          name="status"
          required={false}
          defaultValue={value('status')}
        >
          <option value="">
            <Trans>All</Trans>
          </option>
          {[...paymentStatuses()].map(([status, { label }]) => (
            <option key={status} value={status}>
              {label}
            </option>
          ))}
          <option value="disputed">
            <Trans>Disputed</Trans>
          </option>
        </SelectField>
        <TextField
          label={t`From`}
          name="from"
          type="date"
          required={false}
          defaultValue={value('from')}
        />
        <TextField
          label={t`To`}
          name="to"
          type="date"
          required={false}
          defaultValue={value('to')}
        />
        <SubmitButton busy={payments.isFetching}>
          <Trans>Search</Trans>
        </SubmitButton>
      </form>
      {payments.isPending && <Loading what={t`payments`} />}
      {payments.isError && <StaffLoadError error={payments.error} onRetry={payments.refetch} />}
      {found?.length === 0 && !payments.hasNextPage && (
        <p className="empty" role="status">
          <Trans>There are no such payments.</Trans>
        </p>
      )}
      {found && found.length > 0 && (
        <ul className="rows" aria-label={t`Payments`}>
          {found.map((payment) => (
            <PaymentRow key={payment.payment_id} payment={payment} />
          ))}
        </ul>
      )}
      <ShowMore query={payments} what={t`payments`} />
    </>
  );
}

function PaymentRow({ payment }: { payment: Payment }) {
  const { payment_id: id, currency, amount_refunded: refunded } = payment;
  return (
    <li className="row">
      <span className="row-what">
        <Link to={`/merchant/payments/${id}`}>{payment.order_reference ?? id}</Link>
        <span className="muted small">{payment.user_id}</span>
      </span>
      <time className="muted small" dateTime={payment.created_at}>
        {formatTime(payment.created_at)}
      </time>
      <span className="row-amount">
        {formatAmount(payment.amount, currency)}
        {refunded > 0 && (
          <span className="muted small">
            <Trans>{formatAmount(refunded, currency)} refunded</Trans>
          </span>
        )}
      </span>
      <span className="row-status">
        <Badge status={paymentStatusText(payment)} />
      </span>
    </li>
  );
}

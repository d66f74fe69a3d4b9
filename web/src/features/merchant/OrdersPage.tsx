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
import { itemsOf, useMerchantOrders } from './queries';
import { ORDER_FIELDS, orderFilters, searchOf } from './search';
import { StaffLoadError } from './StaffProblem';
import { orderStatuses, orderStatusText } from './staffStatus';

/** Orders, newest first. The address holds the search. */
export function OrdersPage() {
  const [search, setSearch] = useSearchParams();
  const orders = useMerchantOrders(orderFilters(search));
  const found = itemsOf(orders.data);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setSearch(searchOf(new FormData(event.currentTarget), ORDER_FIELDS));
  };
  const value = (name: string) => search.get(name) ?? '';
  return (
    <>
      <PageHeading title={t`Orders`} />
      <form
        key={search.toString()}
        className="search panel"
        role="search"
        aria-label={t`Orders`}
        onSubmit={submit}
      >
        <TextField
          label={t`Order reference`}
          name="order_reference"
          required={false}
          defaultValue={value('order_reference')}
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
          {[...orderStatuses()].map(([status, { label }]) => (
            <option key={status} value={status}>
              {label}
            </option>
          ))}
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
        <SubmitButton busy={orders.isFetching}>
          <Trans>Search</Trans>
        </SubmitButton>
      </form>
      {orders.isPending && <Loading what={t`orders`} />}
      {orders.isError && <StaffLoadError error={orders.error} onRetry={orders.refetch} />}
      {found?.length === 0 && !orders.hasNextPage && (
        <p className="empty" role="status">
          <Trans>There are no such orders.</Trans>
        </p>
      )}
      {found && found.length > 0 && (
        <ul className="rows" aria-label={t`Orders`}>
          {found.map((order) => (
            <li key={order.order_id} className="row">
              <span className="row-what">
                <Link to={`/merchant/orders/${order.order_id}`}>{order.order_reference}</Link>
                <span className="muted small">{order.user_id}</span>
              </span>
              <time className="muted small" dateTime={order.created_at}>
                {formatTime(order.created_at)}
              </time>
              <span className="row-amount">{formatAmount(order.total, order.currency)}</span>
              <span className="row-status">
                <Badge status={orderStatusText(order.status)} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <ShowMore query={orders} what={t`orders`} />
    </>
  );
}

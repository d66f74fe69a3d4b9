import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';

import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { useSearchParams } from '@/lib/routing';

import { type Day, dayOf, daysUpTo, formatDay, timeZone } from './days';
import { DeclinesPanel } from './DeclinesPanel';
import type { Read } from './merchantApi';
import { declines, volumes, wholeDays } from './overview';
import { MERCHANT_KEY } from './queries';
import { StaffLoadError } from './StaffProblem';
import { usePaymentsOf } from './useOverview';
import { VolumeChart } from './VolumeChart';
import { DisputesPanel, HeldPanel } from './WaitingPanels';

const PERIODS = [7, 30, 90];
const USUAL_PERIOD = 30;

export function OverviewPage() {
  const [search, setSearch] = useSearchParams();
  const queries = useQueryClient();
  const asked = Number(search.get('days'));
  const period = PERIODS.includes(asked) ? asked : USUAL_PERIOD;
  const days = daysUpTo(dayOf(new Date()), period);
  const { data, isPending, isError, error, refetch, progress } = usePaymentsOf(days);
  return (
    <>
      <PageHeading title={t`Overview`}>
        <div className="actions">
          <label className="currency-choice">
            <Trans>Period</Trans>
            <select
              className="input"
              value={period}
              onChange={({ target }) => setSearch({ days: target.value })}
            >
              {PERIODS.map((count) => (
                <option key={count} value={count}>
                  {t`${count} days`}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            className="button button-secondary"
            onClick={() => void queries.resetQueries({ queryKey: [...MERCHANT_KEY, 'overview'] })}
          >
            <Trans>Refresh</Trans>
          </button>
        </div>
      </PageHeading>
      <div className="console-columns">
        <HeldPanel />
        <DisputesPanel />
      </div>
      {isPending && (
        <>
          {progress > 0 && (
            <p role="status">
              <Trans>{progress} payments so far …</Trans>
            </p>
          )}
          <Loading what={t`payments`} blocks={2} />
        </>
      )}
      {isError && <StaffLoadError error={error} onRetry={refetch} />}
      {data && <Charts days={days} read={data} />}
    </>
  );
}

function Charts({ days, read: { payments, isCut } }: { days: readonly Day[]; read: Read }) {
  const whole = isCut ? wholeDays(days, payments) : days;
  const byCurrency = volumes(payments, whole);
  const [first, last] = [whole[0], whole.at(-1)];
  return (
    <>
      <section aria-labelledby="volume" className="charts">
        <h2 id="volume">
          <Trans>Paid, by the day on which it was started</Trans>
        </h2>
        {first !== undefined && last !== undefined && (
          <p className="muted small">
            <Trans>
              {formatDay(first)} to {formatDay(last)}, in the time of {timeZone()}. Refunds are not
              taken off.
            </Trans>
          </p>
        )}
        {isCut && (
          <p>
            <Trans>
              There are more than {payments.length} payments in these days, and the oldest ones are
              left out. Choose a shorter period to see whole days only.
            </Trans>
          </p>
        )}
        {byCurrency.length === 0 && (
          <p className="empty">
            <Trans>Nothing was paid on these days.</Trans>
          </p>
        )}
        <div className="console-columns">
          {byCurrency.map((volume) => (
            <VolumeChart key={volume.currency} volume={volume} />
          ))}
        </div>
      </section>
      <DeclinesPanel declines={declines(payments)} />
    </>
  );
}

import { QueryClient } from '@tanstack/react-query';

import { type Api, createApi } from '@/api/client';
import { ApiError } from '@/api/problem';
import { cart } from '@/features/cart';
import { StartedPayments } from '@/features/checkout/startedPayments';
import { Session } from '@/features/session/session';
import type { Config } from '@/lib/config';

/** Everything the screens share, created once from this stage’s configuration. */
export interface Services {
  readonly config: Config;
  readonly session: Session;
  readonly api: Api;
  readonly startedPayments: StartedPayments;
  readonly queries: QueryClient;
}

const MAX_RETRIES = 2;

export function createServices(config: Config): Services {
  const session = new Session(async () => {
    const { cognito } = await import('@/features/session/cognito');
    return cognito(config);
  }, localStorage);
  const startedPayments = new StartedPayments(localStorage, () => userIdOf(session));
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) =>
          failures < MAX_RETRIES && error instanceof ApiError && error.isTransient,
      },
    },
  });
  let isFollowing = false;
  addEventListener('storage', (event) => {
    isFollowing = true;
    session.followOtherTab(event);
    isFollowing = false;
  });
  // The next person must not see this person's purchases. Started payments are each person's own,
  // and forgotten by the tab that logs out. Someone whose session has expired keeps their order,
  // also in the other tabs.
  session.subscribe(() => {
    const { status } = session.state();
    if (status !== 'active') queries.removeQueries({ predicate: isPersonal });
    if (status === 'anonymous' && !isFollowing) {
      startedPayments.clear();
      cart.clear();
    }
  });
  return { config, session, api: createApi(config.api_url, session), startedPayments, queries };
}

function userIdOf(session: Session): string | null {
  const state = session.state();
  if (state.status === 'active') return state.person.userId;
  return state.status === 'expired' ? state.userId : null;
}

const PERSONAL: readonly unknown[] = [
  'payments',
  'payment-methods',
  'account',
  'merchant',
  'one-time-codes',
];

function isPersonal({ queryKey: [name] }: { queryKey: readonly unknown[] }): boolean {
  return PERSONAL.includes(name);
}

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ApiProvider, createApi } from '@/api/client';
import type { Identity } from '@/features/session/identity';
import { Session } from '@/features/session/session';
import { SessionProvider } from '@/features/session/useSession';

import { Pages } from './Pages';

const ADA = { jwt: 'jwt', userId: 'ada', email: 'a@example.com', name: 'A', beingDeleted: false };
const CARD = {
  payment_method_id: 'pm_1',
  type: 'card',
  brand: 'visa',
  last4: '4242',
  exp_month: 12,
  exp_year: 2040,
  expired: false,
  default: false,
  usable_off_session: false,
  cardholder_name: null,
  billing_details: null,
  created_at: '2026-11-01T12:00:00.000Z',
};

beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal('scrollTo', () => undefined);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('sends the removal of a card that is waiting, with its token, before it logs out', async () => {
  let loggedOut = false;
  const identity = {
    fetchIdToken: () => Promise.resolve(loggedOut ? null : ADA),
    logOut: () => {
      loggedOut = true;
      return Promise.resolve();
    },
  };
  localStorage.setItem('till.person', JSON.stringify(ADA));
  const session = new Session(() => Promise.resolve(identity as unknown as Identity), localStorage);
  const removals: (string | null)[] = [];
  const api = createApi('/v1', session, (request) => {
    if (request.method === 'DELETE') {
      removals.push(request.headers.get('Authorization'));
      return Promise.resolve(new Response(null, { status: 204 }));
    }
    const data = request.url.includes('/payment-methods') ? [CARD] : [];
    return Promise.resolve(Response.json({ data, next_cursor: null }));
  });
  history.replaceState(null, '', '/cards');
  render(
    <SessionProvider value={session}>
      <ApiProvider value={api}>
        <QueryClientProvider client={new QueryClient()}>
          <Pages />
        </QueryClientProvider>
      </ApiProvider>
    </SessionProvider>,
  );
  await userEvent.click(await screen.findByRole('button', { name: /^Remove/ }));
  await screen.findByRole('button', { name: 'Undo' });

  await userEvent.click(screen.getByRole('button', { name: 'Log out' }));

  await waitFor(() => expect(loggedOut).toBe(true));
  expect(removals).toEqual(['Bearer jwt']);
});

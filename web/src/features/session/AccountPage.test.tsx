import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { flushSync } from 'react-dom';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ApiProvider, createApi } from '@/api/client';

import { AccountPage } from './AccountPage';
import type { Identity } from './identity';
import { RequireSession } from './RequireSession';
import { Session } from './session';
import { SessionProvider } from './useSession';

const ADA = { jwt: 'jwt', email: 'ada@example.com', name: 'Ada' };
const SIGNED_OUT = { signed_out_at: '2026-11-23T12:00:00.000Z' };

// As react-router/dom does, which is the app's: see App.tsx.
const update = (change: () => unknown): undefined => void flushSync(change);

function show(answer: () => Response) {
  const logOut = vi.fn(() => Promise.resolve());
  let token: typeof ADA | null = ADA;
  const identity: Partial<Identity> = {
    fetchIdToken: (forceRefresh) => {
      if (forceRefresh) token = null; // the refresh token has been revoked
      return Promise.resolve(token);
    },
    logOut,
  };
  localStorage.setItem('till.person', JSON.stringify({ email: ADA.email, name: ADA.name }));
  const session = new Session(() => Promise.resolve(identity as Identity), localStorage);
  const sent: string[] = [];
  const api = createApi('/v1', session, ({ method, url, headers }) => {
    sent.push(`${method} ${new URL(url).pathname} ${headers.get('Authorization') ?? ''}`);
    return Promise.resolve(answer());
  });
  const router = createMemoryRouter(
    [
      { path: '/', element: <h1>Shop</h1> },
      { path: '/login', element: <h1>Log in</h1> },
      { element: <RequireSession />, children: [{ path: '/account', element: <AccountPage /> }] },
    ],
    { initialEntries: ['/account'] },
  );
  render(
    <SessionProvider value={session}>
      <ApiProvider value={api}>
        <QueryClientProvider client={new QueryClient()}>
          <RouterProvider router={router} flushSync={update} />
        </QueryClientProvider>
      </ApiProvider>
    </SessionProvider>,
  );
  return { session, sent, logOut };
}

async function logOutEverywhere() {
  await userEvent.click(await screen.findByRole('button', { name: 'Log out everywhere' }));
}

beforeEach(() => {
  localStorage.clear();
  vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(cleanup);

it('logs out on all devices, and on this one', async () => {
  const { session, sent, logOut } = show(() => Response.json(SIGNED_OUT));
  await screen.findByText('You are logged in as Ada, ada@example.com.');
  await logOutEverywhere();
  await screen.findByRole('heading', { name: 'Shop' });
  expect(sent).toEqual(['POST /v1/sign-out Bearer jwt']);
  expect(session.state().status).toBe('anonymous');
  expect(logOut).toHaveBeenCalledOnce();
});

it('stays logged in, and says so, if that fails', async () => {
  const problem = { status: 500, code: 'internal_error', title: 'Our side', detail: '', type: '' };
  const { session } = show(() => Response.json({ ...problem, instance: '' }, { status: 500 }));
  await logOutEverywhere();
  await screen.findByRole('alert');
  expect(session.state().status).toBe('active');
});

it('asks to log in if the session had already ended elsewhere', async () => {
  const problem = { status: 401, code: 'not_authenticated', title: 'Log in first', detail: '' };
  const { session } = show(() =>
    Response.json({ ...problem, type: '', instance: '' }, { status: 401 }),
  );
  await logOutEverywhere();
  await screen.findByRole('heading', { name: 'Log in' });
  expect(session.state()).toEqual({ status: 'expired', email: ADA.email });
});

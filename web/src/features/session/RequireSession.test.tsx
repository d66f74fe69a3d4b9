import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render, screen } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { Route } from '@/lib/routing';

import { type Identity, IdentityError } from './identity';
import { LoginPage } from './LoginPage';
import { RequireSession } from './RequireSession';
import { Session } from './session';
import { SessionProvider } from './useSession';

const ADA = {
  jwt: 'jwt',
  userId: 'ada',
  email: 'ada@example.com',
  name: 'Ada',
  beingDeleted: false,
};
const ORDER = '/checkout/coffee-beans?currency=eur&quantity=2';

function show(steps: Partial<Identity> = {}) {
  const identity: Partial<Identity> = {
    logIn: () => Promise.resolve('done'),
    fetchIdToken: () => Promise.resolve(ADA),
    ...steps,
  };
  const session = new Session(() => Promise.resolve(identity as Identity), localStorage);
  history.replaceState(null, '', ORDER);
  render(
    <SessionProvider value={session}>
      <QueryClientProvider client={new QueryClient()}>
        <Route path="/login" component={LoginPage} />
        <Route path="/checkout/:productId">
          <RequireSession>
            <h1>Checkout</h1>
          </RequireSession>
        </Route>
      </QueryClientProvider>
    </SessionProvider>,
  );
  return { session, here: () => location.pathname + location.search };
}

async function logIn() {
  await userEvent.type(await screen.findByLabelText('Password'), 'Analytical-Engine-1843');
  await userEvent.click(screen.getByRole('button', { name: 'Log in' }));
  await screen.findByRole('heading', { name: 'Checkout' });
}

beforeEach(() => localStorage.clear());
afterEach(cleanup);

it('asks someone who is not logged in to log in, then takes them where they wanted to go', async () => {
  const { here } = show();
  await userEvent.type(await screen.findByLabelText('Email address'), 'ada@example.com');
  await logIn();
  expect(here()).toBe(ORDER);
});

it('returns to the same order after the session has expired', async () => {
  localStorage.setItem('till.person', JSON.stringify(ADA));
  const { session, here } = show();
  await screen.findByRole('heading', { name: 'Checkout' });
  await act(() => session.expire());
  await screen.findByText('Your session has ended');
  expect(screen.getByLabelText<HTMLInputElement>('Email address').value).toBe('ada@example.com');
  await logIn();
  expect(here()).toBe(ORDER);
});

it('asks whoever has an app for one-time codes for one, and says if it is wrong', async () => {
  const { here } = show({
    logIn: () => Promise.resolve('code_required'),
    enterOneTimeCode: (code) =>
      code === '123456'
        ? Promise.resolve()
        : Promise.reject(new IdentityError('wrong_one_time_code')),
  });
  await userEvent.type(await screen.findByLabelText('Email address'), 'ada@example.com');
  await userEvent.type(screen.getByLabelText('Password'), 'Analytical-Engine-1843');
  await userEvent.click(screen.getByRole('button', { name: 'Log in' }));
  const code = await screen.findByLabelText('One-time code');
  await userEvent.type(code, '000000');
  await userEvent.click(screen.getByRole('button', { name: 'Log in' }));
  await screen.findByText('This is not the code in your app');
  await userEvent.clear(code);
  await userEvent.type(code, '123 456');
  await userEvent.click(screen.getByRole('button', { name: 'Log in' }));
  await screen.findByRole('heading', { name: 'Checkout' });
  expect(here()).toBe(ORDER);
});

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Session } from '@/features/session/session';
import { SessionProvider } from '@/features/session/useSession';
import { ConfirmEmailPage } from '@/features/signup/ConfirmEmailPage';
import { Route } from '@/lib/routing';

vi.mock('@/features/session/MailboxHint', () => ({ MailboxHint: () => null }));

beforeEach(() => localStorage.clear());
afterEach(cleanup);

it('never logs in with the code alone: somebody else may have chosen the password', async () => {
  const confirmEmail = vi.fn(() => Promise.resolve());
  const nothing = () => Promise.resolve();
  const logIn = vi.fn(() => Promise.resolve('done' as const));
  const session = new Session(
    () =>
      Promise.resolve({
        confirmEmail,
        logIn,
        enterOneTimeCode: nothing,
        fetchIdToken: () => Promise.resolve(null),
        logOut: nothing,
        resendCode: nothing,
        requestPasswordReset: nothing,
        resetPassword: nothing,
        changeEmail: () => Promise.resolve('code_sent'),
        verifyEmail: nothing,
        changePassword: nothing,
        hasOneTimeCodes: () => Promise.resolve(false),
        startOneTimeCodes: () => Promise.resolve({ secret: '', uri: '' }),
        verifyOneTimeCodes: nothing,
      }),
    localStorage,
  );
  history.replaceState(null, '', '/confirm?email=ada@example.com');
  render(
    <SessionProvider value={session}>
      <QueryClientProvider client={new QueryClient()}>
        <Route path="/confirm" component={ConfirmEmailPage} />
        <Route path="/login">
          <h1>Log in</h1>
        </Route>
      </QueryClientProvider>
    </SessionProvider>,
  );
  await userEvent.type(await screen.findByLabelText('Code from the email'), '123456');
  await userEvent.click(screen.getByRole('button', { name: 'Confirm' }));
  await screen.findByRole('heading', { name: 'Log in' });
  expect(confirmEmail).toHaveBeenCalledWith('ada@example.com', '123456');
  expect(logIn).not.toHaveBeenCalled();
  expect(session.state().status).toBe('anonymous');
});

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor, within } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { type Account, ApiProvider, createApi, type Deletion } from '@/api/client';
import { type Identity, IdentityError, type IdToken } from '@/features/session/identity';
import { Session } from '@/features/session/session';
import { SessionProvider } from '@/features/session/useSession';

import { Pages } from './Pages';

vi.mock('@/features/session/MailboxHint', () => ({ MailboxHint: () => null }));

const ADA: IdToken = {
  jwt: 'jwt',
  userId: 'ada',
  email: 'ada@example.com',
  name: 'Ada',
  beingDeleted: false,
};
const ACCOUNT: Account = {
  user_id: 'ada',
  email: ADA.email,
  name: ADA.name,
  phone: '+442079460000',
  created_at: '2026-11-01T12:00:00.000Z',
  deletion: null,
};
const DELETION: Deletion = {
  requested_at: '2026-11-20T12:00:00.000Z',
  erased_after: '2026-12-04T12:00:00.000Z',
  deferred_by: [
    { reason: 'open_payment', payment_id: 'pay_1' },
    { reason: 'subscription', payment_id: null },
  ],
};
const problem = (status: number, code: string) =>
  Response.json({ status, code, title: code, detail: '', type: '', instance: '' }, { status });

interface World {
  path?: string;
  token?: IdToken;
  answers?: Record<string, () => Response>;
  identity?: Partial<Identity>;
}

function show({ path = '/account', token = ADA, answers = {}, identity = {} }: World = {}) {
  let current: IdToken | null = token;
  const known = {
    fetchIdToken: () => Promise.resolve(current),
    logOut: vi.fn(() => Promise.resolve()),
    ...identity,
  };
  localStorage.setItem('till.person', JSON.stringify(token));
  const session = new Session(() => Promise.resolve(known as unknown as Identity), localStorage);
  const sent: { what: string; body: unknown }[] = [];
  const api = createApi('/v1', session, async (request) => {
    const { pathname } = new URL(request.url);
    const what = `${request.method} ${pathname.replace('/v1', '')}`;
    const body = await request.text();
    sent.push({ what, body: body === '' ? null : JSON.parse(body) });
    const answer = { 'GET /account': () => Response.json(ACCOUNT), ...answers }[what];
    return answer?.() ?? Response.json({ data: [], next_cursor: null });
  });
  history.replaceState(null, '', path);
  render(
    <SessionProvider value={session}>
      <ApiProvider value={api}>
        <QueryClientProvider
          client={new QueryClient({ defaultOptions: { queries: { retry: 0 } } })}
        >
          <Pages />
        </QueryClientProvider>
      </ApiProvider>
    </SessionProvider>,
  );
  return {
    session,
    sent,
    logOut: known.logOut,
    tokenIsNow: (next: IdToken | null) => (current = next),
    path: () => location.pathname,
    search: () => location.search,
  };
}

const press = async (name: string) => userEvent.click(await screen.findByRole('button', { name }));
const panel = async (name: string) => within(await screen.findByRole('form', { name }));
const named = (name: string) => document.querySelector<HTMLInputElement>(`[name="${name}"]`);
async function type(name: string, text: string) {
  const input = named(name);
  if (input === null) throw new Error(`no field ${name}`);
  await userEvent.clear(input);
  if (text !== '') await userEvent.type(input, text);
}

beforeEach(() => {
  localStorage.clear();
  vi.spyOn(console, 'error').mockReturnValue();
  vi.stubGlobal('scrollTo', () => undefined);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('changes name and phone, and says so', async () => {
  const changed = { ...ACCOUNT, name: 'Ada King', phone: null };
  const { sent, tokenIsNow } = show({
    answers: { 'PATCH /account': () => Response.json(changed) },
  });
  const profile = await panel('Name and phone');
  await type('name', ' Ada King ');
  await type('phone', '');
  tokenIsNow({ ...ADA, name: 'Ada King' });
  await press('Save');
  await profile.findByText('Your name and phone have been saved.');
  expect(sent.at(-1)).toEqual({
    what: 'PATCH /account',
    body: { name: 'Ada King', phone: null },
  });
  await screen.findByText('You are logged in as Ada King, ada@example.com.');
});

it('says which field the API refuses', async () => {
  const errors = [{ field: 'name', message: 'Has a control character.' }];
  show({
    answers: {
      'PATCH /account': () =>
        Response.json({ status: 422, code: 'validation_error', errors }, { status: 422 }),
    },
  });
  await panel('Name and phone');
  await press('Save');
  await screen.findByText('Has a control character.');
  expect(named('name')?.getAttribute('aria-invalid')).toBe('true');
});

it('changes the email address once its code has been entered, and then tells Stripe', async () => {
  const changeEmail = vi.fn(() => Promise.resolve('code_sent' as const));
  const verifyEmail = vi
    .fn()
    .mockRejectedValueOnce(new IdentityError('wrong_code'))
    .mockResolvedValue(undefined);
  const { sent, tokenIsNow, session } = show({ identity: { changeEmail, verifyEmail } });
  await panel('Email address');
  await type('new_email', 'ada@example.org');
  await press('Change email address');
  await screen.findByText('We sent a code to ada@example.org');
  await vi.waitFor(() => {
    expect(document.activeElement).toBe(named('code'));
  });

  await press('Send another code');
  await screen.findByText('We sent another code to ada@example.org');
  expect(changeEmail.mock.calls).toEqual([['ada@example.org'], ['ada@example.org']]);

  await type('code', '111111');
  await press('Confirm new address');
  await screen.findByText('This is not the code we sent you');

  const asked = sent.length;
  tokenIsNow({ ...ADA, email: 'ada@example.org' });
  await type('code', '123456');
  await press('Confirm new address');
  await screen.findByText('Your email address is now ada@example.org.');
  expect(verifyEmail).toHaveBeenLastCalledWith('123456');
  expect(session.state()).toMatchObject({ person: { email: 'ada@example.org' } });
  expect(sent.slice(asked)).toEqual([{ what: 'GET /account', body: null }]);
  expect(document.activeElement?.textContent).toBe('Email address');
});

it('keeps the present address if the person goes back, and the step if they reload', async () => {
  const { search } = show({ path: '/account?new_email=ada@example.org' });
  await screen.findByText('We sent a code to ada@example.org');
  await press('Keep the present address');
  await screen.findByText('Your email address is still ada@example.com.');
  expect(search()).toBe('');
});

it('needs no code where the user pool verifies nothing', async () => {
  const changeEmail = () => Promise.resolve('done' as const);
  const { tokenIsNow } = show({ identity: { changeEmail } });
  await panel('Email address');
  await type('new_email', 'ada@example.org');
  tokenIsNow({ ...ADA, email: 'ada@example.org' });
  await press('Change email address');
  await screen.findByText('Your email address is now ada@example.org.');
});

it('changes the password', async () => {
  const changePassword = vi
    .fn()
    .mockRejectedValueOnce(new IdentityError('wrong_credentials'))
    .mockResolvedValue(undefined);
  show({ identity: { changePassword } });
  const form = await panel('Password');
  await type('current_password', 'Wrong-Password-1');
  await type('password', 'Analytical-Engine-1843');
  await press('Change password');
  await form.findByText('This is not your current password.');
  await type('current_password', 'Old-Password-1');
  await press('Change password');
  await form.findByText(/Your password has been changed/);
  expect(changePassword).toHaveBeenLastCalledWith('Old-Password-1', 'Analytical-Engine-1843');
  expect(named('current_password')?.value).toBe('');
  expect(named('password')?.value).toBe('');
});

it('asks to log in if the session has ended when the password is changed', async () => {
  const changePassword = () => Promise.reject(new IdentityError('session_ended'));
  const { session, path } = show({ identity: { changePassword } });
  await panel('Password');
  await type('current_password', 'Old-Password-1');
  await type('password', 'Analytical-Engine-1843');
  await press('Change password');
  await screen.findByRole('heading', { name: 'Log in' });
  expect(session.state().status).toBe('expired');
  expect(path()).toBe('/login');
});

it('logs out on all devices, and on this one', async () => {
  const { session, sent, logOut } = show({
    answers: { 'POST /sign-out': () => Response.json({ signed_out_at: ACCOUNT.created_at }) },
  });
  await press('Log out everywhere');
  await screen.findByRole('heading', { name: 'Shop' });
  expect(sent.map(({ what }) => what)).toContain('POST /sign-out');
  expect(session.state().status).toBe('anonymous');
  expect(logOut).toHaveBeenCalledOnce();
});

it('stays logged in, and says so, if that fails', async () => {
  const { session } = show({
    answers: { 'POST /sign-out': () => problem(500, 'internal_error') },
  });
  await press('Log out everywhere');
  await screen.findByRole('alert');
  expect(session.state().status).toBe('active');
});

it('asks to log in if the session had already ended elsewhere', async () => {
  const answers = { 'POST /sign-out': () => problem(401, 'not_authenticated') };
  const { session, tokenIsNow } = show({ answers });
  await panel('Log out on all devices');
  tokenIsNow(null); // the refresh token has been revoked
  await press('Log out everywhere');
  await screen.findByRole('heading', { name: 'Log in' });
  expect(session.state()).toEqual({ status: 'expired', userId: 'ada', email: ADA.email });
});

it('deletes the account only after the word has been typed, then logs out and tells when', async () => {
  const deleted = () => Response.json({ ...ACCOUNT, deletion: DELETION }, { status: 202 });
  const { session, sent, logOut } = show({ answers: { 'DELETE /account': deleted } });
  await press('Delete my account');
  await screen.findByText('Type the word “delete”.');
  await vi.waitFor(() => {
    expect(document.activeElement).toBe(named('confirmation'));
  });
  expect(sent.map(({ what }) => what)).not.toContain('DELETE /account');

  await type('confirmation', 'delete');
  await press('Delete my account');
  await screen.findByRole('heading', { name: 'You have deleted your account' });
  await screen.findByText(/will be erased after 4 Dec 2026|will be erased after Dec 4, 2026/);
  screen.getByText('Payment pay_1 is not finished.');
  screen.getByText('You have a subscription that has not ended.');
  expect(session.state().status).toBe('anonymous');
  expect(logOut).toHaveBeenCalledOnce();
});

it('shows only the notice and the data of an account that is being deleted', async () => {
  const { session } = show({
    answers: { 'GET /account': () => Response.json({ ...ACCOUNT, deletion: DELETION }) },
  });
  await screen.findByText('Payment pay_1 is not finished.');
  screen.getByRole('button', { name: 'Download my data' });
  for (const name of ['Save', 'Change password', 'Log out everywhere', 'Delete my account']) {
    expect(screen.queryByRole('button', { name })).toBeNull();
  }
  await waitFor(() => expect(session.state()).toMatchObject({ person: { beingDeleted: true } }));
});

it.each(['/', '/cards', '/payments'])(
  'says at %s that the account is being deleted',
  async (path) => {
    show({ path, token: { ...ADA, beingDeleted: true } });
    await screen.findByRole('heading', { name: 'Your account is being deleted' });
    expect(screen.queryByRole('link', { name: 'Cards' })).toBeNull();
    await userEvent.click(screen.getByRole('link', { name: 'Your account' }));
    await screen.findByRole('heading', { name: 'Your account' });
  },
);

it('learns from a refusal that the account is being deleted', async () => {
  show({
    path: '/payments',
    answers: { 'GET /payments': () => problem(403, 'account_being_deleted') },
  });
  await screen.findByRole('heading', { name: 'Your account is being deleted' });
});

it('shows when it is erased if the account is deleted elsewhere meanwhile', async () => {
  const accounts = [ACCOUNT, { ...ACCOUNT, deletion: DELETION }];
  show({
    answers: {
      'GET /account': () => Response.json(accounts.length > 1 ? accounts.shift() : accounts[0]),
      'PATCH /account': () => problem(403, 'account_being_deleted'),
    },
  });
  await panel('Name and phone');
  await press('Save');
  await screen.findByText('Payment pay_1 is not finished.');
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
});

it('opens again when the shop has kept the account', async () => {
  const { tokenIsNow, session } = show({ token: { ...ADA, beingDeleted: true } });
  tokenIsNow(ADA);
  await panel('Name and phone');
  await vi.waitFor(() => {
    expect(session.state()).toMatchObject({ person: { beingDeleted: false } });
  });
});

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, within } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ApiProvider, createApi } from '@/api/client';
import { Session } from '@/features/session/session';
import { SessionProvider } from '@/features/session/useSession';

import { Pages } from './Pages';

vi.mock('@/features/session/LoginPage', () => ({
  LoginPage: () => {
    throw new Error('the login page breaks');
  },
}));
vi.mock('@/features/signup/RegisterPage', () => {
  throw new Error('the chunk is gone');
});

function show(path: string, session: Session | null = anonymous()) {
  const tokens = {
    fetchIdToken: () => Promise.resolve(null),
    expire: () => undefined,
    accountBeingDeleted: () => undefined,
  };
  const api = createApi('/v1', tokens, () => Promise.resolve(Response.json({ data: [] })));
  history.replaceState(null, '', path);
  render(
    <SessionProvider value={session}>
      <ApiProvider value={api}>
        <QueryClientProvider client={new QueryClient()}>
          <Pages />
        </QueryClientProvider>
      </ApiProvider>
    </SessionProvider>,
  );
}

function anonymous(): Session {
  return new Session(() => Promise.reject(new Error('no one logs in here')), localStorage);
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

it.each([
  ['throws', '/login'],
  ['cannot be loaded', '/register'],
])('keeps a working navigation when a screen %s', async (_, path) => {
  show(path);

  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('We could not show this page');
  expect(within(screen.getByRole('main')).getByRole('alert')).toBe(alert);
  const navigation = screen.getByRole('navigation', { name: 'Main' });
  await userEvent.click(within(navigation).getByRole('link', { name: 'Shop' }));
  await screen.findByRole('heading', { name: 'Shop' });
  expect(screen.queryByRole('alert')).toBeNull();
});

it('says so when the layout itself throws', async () => {
  show('/', null);

  const main = within(await screen.findByRole('main'));
  expect(main.getByRole('alert').textContent).toContain('We could not show this page');
  expect(screen.queryByRole('navigation')).toBeNull();
});

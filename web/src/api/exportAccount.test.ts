import { expect, it } from 'vitest';

import { createApi } from './client';
import { exportAccount } from './exportAccount';

it('joins all pages', async () => {
  const account = { user_id: 'ada', email: 'ada@example.com' };
  const cards = [{ payment_method_id: 'pm_1' }];
  const page = (payments: string[], orders: string[], next: string | null) =>
    Response.json({ account, payment_methods: cards, payments, orders, next_cursor: next });
  const pages = [page(['p1', 'p2'], [], 'c/1'), page(['p3'], ['o1'], 'c2'), page([], ['o2'], null)];
  const asked: (string | null)[] = [];
  const tokens = {
    fetchIdToken: () => Promise.resolve('jwt'),
    expire: () => undefined,
    accountBeingDeleted: () => undefined,
  };
  const api = createApi('/v1', tokens, ({ url }) => {
    asked.push(new URL(url).searchParams.get('cursor'));
    const next = pages.shift();
    return next ? Promise.resolve(next) : Promise.reject(new Error('one page too many'));
  });

  expect(await exportAccount(api)).toEqual({
    account,
    payment_methods: cards,
    payments: ['p1', 'p2', 'p3'],
    orders: ['o1', 'o2'],
  });
  expect(asked).toEqual([null, 'c/1', 'c2']);
});

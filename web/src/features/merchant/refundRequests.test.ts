import { beforeEach, describe, expect, it } from 'vitest';

import { type RefundRequest, RefundRequests } from './refundRequests';

const REQUEST: RefundRequest = { amount: 1250, reason: 'duplicate', note: null };
let made = 0;
const afterReload = () => new RefundRequests(sessionStorage, () => `key-${++made}`);

beforeEach(() => {
  sessionStorage.clear();
  made = 0;
});

describe('a refund that has had no answer', () => {
  it('is sent again under its key, also after a reload', () => {
    expect(afterReload().keyFor('pay_1', REQUEST)).toBe('key-1');
    expect(afterReload().keyFor('pay_1', { ...REQUEST })).toBe('key-1');
    expect(afterReload().unanswered('pay_1')).toEqual(REQUEST);
  });

  it.each([{ amount: 1251 }, { reason: null }, { note: 'Broken' }])(
    'has another key if it asks for something else: %o',
    (change) => {
      const requests = afterReload();
      requests.keyFor('pay_1', REQUEST);
      expect(requests.keyFor('pay_1', { ...REQUEST, ...change })).toBe('key-2');
    },
  );

  it('is one payment’s only', () => {
    const requests = afterReload();
    requests.keyFor('pay_1', REQUEST);
    expect(requests.keyFor('pay_2', REQUEST)).toBe('key-2');
  });
});

it('the same amount is another refund once the first one is answered', () => {
  const requests = afterReload();
  requests.keyFor('pay_1', REQUEST);
  requests.answered('pay_1');
  expect(requests.unanswered('pay_1')).toBeNull();
  expect(requests.keyFor('pay_1', REQUEST)).toBe('key-2');
});

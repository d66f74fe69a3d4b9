import { expect, it } from 'vitest';

import { createApi } from './client';
import { detachPaymentMethod } from './detachPaymentMethod';

function apiThatAnswers(answer: () => Response) {
  const sent: Request[] = [];
  const tokens = {
    fetchIdToken: () => Promise.resolve('jwt'),
    expire: () => undefined,
    accountBeingDeleted: () => undefined,
  };
  const api = createApi('/v1', tokens, (request) => {
    sent.push(request);
    return Promise.resolve(answer());
  });
  return { api, sent };
}

const problem = (status: number, code: string) => () => Response.json({ code, status }, { status });

it('is sent even if the page is closed meanwhile', async () => {
  const { api, sent } = apiThatAnswers(() => new Response(null, { status: 204 }));
  await detachPaymentMethod(api, 'pm_1');
  expect(sent.map(({ method, url }) => [method, new URL(url).pathname])).toEqual([
    ['DELETE', '/v1/payment-methods/pm_1'],
  ]);
  expect(sent[0]?.keepalive).toBe(true);
});

it('is done if the card is gone already', async () => {
  const { api } = apiThatAnswers(problem(404, 'payment_method_not_found'));
  await detachPaymentMethod(api, 'pm_1');
});

it.each([
  ['payment_method_in_use', 409],
  ['not_authenticated', 401],
])('fails after %s', async (code, status) => {
  const { api } = apiThatAnswers(problem(status, code));
  await expect(detachPaymentMethod(api, 'pm_1')).rejects.toMatchObject({ problem: { code } });
});

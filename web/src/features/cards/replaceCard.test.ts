import { expect, it } from 'vitest';

import { createApi, type PaymentMethod } from '@/api/client';
import { ApiError } from '@/api/problem';

import { replaceCard } from './replaceCard';

const OLD = { payment_method_id: 'pm_old', default: false } as PaymentMethod;
const NEW = { payment_method_id: 'pm_new', default: false } as PaymentMethod;

function recordingApi(detach: () => Response) {
  const calls: string[] = [];
  const tokens = {
    fetchIdToken: () => Promise.resolve('jwt'),
    expire: () => undefined,
    accountBeingDeleted: () => undefined,
  };
  const api = createApi('/v1', tokens, async (request) => {
    const path = new URL(request.url).pathname;
    calls.push(`${request.method} ${path} ${await request.text()}`.trim());
    if (request.method === 'DELETE') return detach();
    return Response.json({ ...NEW, default: true });
  });
  return { api, calls };
}

const removed = () => new Response(null, { status: 204 });
const problem = (status: number, code: string) => () =>
  Response.json({ code, status, payment_id: 'pay_1' }, { status });

it('removes the replaced card', async () => {
  const { api, calls } = recordingApi(removed);
  expect(await replaceCard(OLD, NEW, api)).toBe(NEW);
  expect(calls).toEqual(['DELETE /v1/payment-methods/pm_old']);
});

it('makes the new card the default one before the old default one goes', async () => {
  const { api, calls } = recordingApi(removed);
  const kept = await replaceCard({ ...OLD, default: true }, NEW, api);
  expect(kept.default).toBe(true);
  expect(calls).toEqual([
    'PATCH /v1/payment-methods/pm_new {"default":true}',
    'DELETE /v1/payment-methods/pm_old',
  ]);
});

it('is done if the card is gone already', async () => {
  const { api } = recordingApi(problem(404, 'payment_method_not_found'));
  expect(await replaceCard(OLD, NEW, api)).toBe(NEW);
});

it('says so if a payment needs the old card', async () => {
  const { api } = recordingApi(problem(409, 'payment_method_in_use'));
  await expect(replaceCard(OLD, NEW, api)).rejects.toThrow(ApiError);
});

it('removes nothing if it was the same card again', async () => {
  const { api, calls } = recordingApi(removed);
  expect(await replaceCard({ ...OLD, default: true }, OLD, api)).toBe(OLD);
  expect(calls).toEqual([]);
});

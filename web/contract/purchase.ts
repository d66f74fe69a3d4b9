/**
 * A purchase with openapi-fetch and the generated types, without any adjustment:
 * tests/integration/test_generated_clients.py runs it against the API.
 */
import createClient from 'openapi-fetch';

import type { components, paths } from '../src/api/schema';

type Status = components['schemas']['PaymentStatus'];

export interface Scene {
  readonly url: string;
  readonly card: string;
  readonly cvcToken: string;
}

export interface Bought {
  readonly amount: number;
  readonly status: Status;
  readonly history: readonly components['schemas']['HistoryStatus'][];
  readonly problem: components['schemas']['Problem']['code'];
}

export async function buy({ url, card, cvcToken }: Scene): Promise<Bought> {
  const till = createClient<paths>({ baseUrl: url, headers: { Authorization: 'Bearer shopper' } });

  const started = await till.POST('/payments', {
    params: { header: { 'Idempotency-Key': 'one-purchase' } },
    body: { items: [{ product_id: 'coffee', quantity: 1 }], payment_method_id: card },
  });
  if (started.error) throw new Error(started.error.detail);
  const params = { path: { payment_id: started.data.payment_id } };
  const body = { cvc_token: cvcToken };
  const confirmed = await till.POST('/payments/{payment_id}/confirm', { params, body });
  if (confirmed.error) throw new Error(confirmed.error.detail);
  const shown = await till.GET('/payments/{payment_id}', { params });
  if (shown.error) throw new Error(shown.error.detail);
  const missing = await till.GET('/payments/{payment_id}', {
    params: { path: { payment_id: 'pay_none' } },
  });
  if (!missing.error) throw new Error('somebody has this payment');

  return {
    amount: started.data.amount,
    status: confirmed.data.status,
    history: shown.data.history.map((change) => change.to_status),
    problem: missing.error.code,
  };
}

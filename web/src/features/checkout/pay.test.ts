import { beforeEach, describe, expect, it } from 'vitest';

import type { Payment } from '@/api/client';
import { ApiError, localProblem, networkError, type Problem } from '@/api/problem';

import { CvcInvalidError, payOrder, type PayTools, resumePayment } from './pay';
import { StartedPayments } from './startedPayments';

const ORDER = { items: [{ productId: 'stoneware-mug', quantity: 1 }], currency: 'eur' };
const PRICE = { amount: 2400, currency: 'eur' };
const CHOICE = { paymentMethodId: 'pm_1', shown: PRICE };

function payment(status: Payment['status'], changes: Partial<Payment> = {}): Payment {
  return {
    payment_id: 'pay_1',
    payment_intent_id: 'pi_1',
    status,
    amount: 2400,
    currency: 'eur',
    order_id: null,
    order_reference: null,
    lines: [
      {
        product_id: 'stoneware-mug',
        description: 'Stoneware mug',
        quantity: 1,
        unit_amount: 2400,
        amount: 2400,
      },
    ],
    tax_amount: 0,
    shipping_amount: 0,
    discount_amount: 0,
    capture_method: 'automatic',
    amount_capturable: 0,
    capture_before: null,
    amount_received: 0,
    payment_method_id: 'pm_1',
    next_action: status === 'requires_action' ? { type: 'use_stripe_sdk' } : null,
    client_secret: 'pi_1_secret',
    last_payment_error: null,
    amount_refunded: 0,
    dispute_status: null,
    created_at: '2026-11-01T10:00:00+00:00',
    updated_at: '2026-11-01T10:00:00+00:00',
    ...changes,
  };
}

function refusal(status: number, code: string, more: Partial<Problem> = {}): ApiError {
  return new ApiError({ ...localProblem(code, code), status, ...more });
}

const TIMES_OUT = new ApiError(
  { ...localProblem('service_unavailable', ''), status: 503, retryable: true },
  2,
);

type Answer = Payment | Error;

/** Collaborators that give the listed answers in order, and log their calls. */
class Scene {
  log: string[] = [];
  waits: number[] = [];
  keys: string[] = [];
  creates: Answer[] = [payment('requires_confirmation')];
  gets: Answer[] = [];
  confirms: Answer[] = [payment('succeeded')];
  challenges: boolean[] = [];
  radarSession: string | null = null;
  tokens: (string | Error)[] = ['tok_1', 'tok_2', 'tok_3'];
  startedPayments = new StartedPayments(localStorage, () => 'grace');
  tools: PayTools = {
    createPaymentIntent: (body, key) => {
      this.keys.push(key);
      this.log.push(`create ${body.items[0]?.product_id ?? ''} ${body.payment_method_id}`);
      return next(this.creates);
    },
    getPayment: (id) => {
      this.log.push(`get ${id}`);
      return next(this.gets);
    },
    confirmPaymentIntent: (id, body) => {
      this.log.push(`confirm ${id} ${JSON.stringify(body)}`);
      return next(this.confirms);
    },
    createCvcToken: () => {
      this.log.push('token');
      return next(this.tokens);
    },
    createRadarSession: () => Promise.resolve(this.radarSession),
    handleCardAction: (secret) => {
      this.log.push(`challenge ${secret}`);
      const passed = this.challenges.shift();
      if (passed === undefined) throw new Error('one challenge too many');
      return Promise.resolve(passed);
    },
    startedPayments: this.startedPayments,
    onStep: (step) => void this.log.push(`(${step})`),
    wait: (milliseconds) => {
      this.waits.push(milliseconds);
      return Promise.resolve();
    },
  };

  /** The calls, without the steps shown in the form. */
  get calls(): string[] {
    return this.log.filter((line) => !line.startsWith('('));
  }

  pay(choice = CHOICE) {
    return payOrder(ORDER, choice, this.tools);
  }
}

function next<Value>(answers: (Value | Error)[]): Promise<Value> {
  const answer = answers.shift();
  if (answer === undefined) throw new Error('one request too many');
  return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
}

let scene: Scene;
beforeEach(() => {
  localStorage.clear();
  scene = new Scene();
});

describe('paying for an order', () => {
  it('creates, collects the CVC and confirms with it', async () => {
    expect(await scene.pay()).toEqual({
      kind: 'succeeded',
      payment: payment('succeeded'),
      paidBefore: false,
    });
    expect(scene.log).toEqual([
      '(creating)',
      'create stoneware-mug pm_1',
      '(tokenizing)',
      'token',
      '(confirming)',
      'confirm pay_1 {"cvc_token":"tok_1"}',
    ]);
  });

  it('tells Stripe’s fraud detection of the browser, once for each security code', async () => {
    scene.radarSession = 'rse_1';
    scene.confirms = [payment('requires_action'), payment('succeeded')];
    scene.challenges = [true];
    await scene.pay();
    expect(scene.log.filter((line) => line.startsWith('confirm'))).toEqual([
      'confirm pay_1 {"cvc_token":"tok_1","radar_session":"rse_1"}',
      'confirm pay_1 {}',
    ]);
  });

  it('shows the bank’s challenge and confirms again until the payment is decided', async () => {
    scene.confirms = [
      payment('requires_action'),
      payment('requires_action', { client_secret: 'second_secret' }),
      payment('requires_confirmation'),
      payment('succeeded'),
    ];
    scene.challenges = [true, true];
    expect(await scene.pay()).toMatchObject({ kind: 'succeeded' });
    expect(scene.calls.slice(2)).toEqual([
      'confirm pay_1 {"cvc_token":"tok_1"}',
      'challenge pi_1_secret',
      'confirm pay_1 {}',
      'challenge second_secret',
      'confirm pay_1 {}',
      'confirm pay_1 {}',
    ]);
    expect(scene.log).toContain('(authenticating)');
  });

  it('lets the API decide how a failed challenge ends', async () => {
    scene.confirms = [payment('requires_action'), refusal(402, 'authentication_failed')];
    scene.challenges = [false];
    expect(await scene.pay()).toMatchObject({
      kind: 'refused',
      problem: { code: 'authentication_failed', status: 402 },
    });
  });

  it('does not reopen a challenge that was closed', async () => {
    scene.confirms = [payment('requires_action'), payment('requires_action')];
    scene.challenges = [false];
    expect(await scene.pay()).toMatchObject({
      kind: 'refused',
      problem: { code: 'authentication_failed' },
    });
  });

  it('gives up when the bank keeps asking for challenges', async () => {
    scene.confirms = Array.from({ length: 9 }, () => payment('requires_action'));
    scene.challenges = Array.from({ length: 9 }, () => true);
    expect(await scene.pay()).toMatchObject({ kind: 'refused' });
    expect(scene.calls.filter((call) => call.startsWith('challenge'))).toHaveLength(5);
  });

  it('is processing when the bank takes its time, and keeps the key', async () => {
    scene.confirms = [payment('processing')];
    expect(await scene.pay()).toMatchObject({ kind: 'processing' });
    expect(scene.startedPayments.find(ORDER)?.paymentId).toBe('pay_1');
  });
});

describe('the Idempotency-Key', () => {
  it('of a cart goes with the prices of the first time, whatever is shown later', async () => {
    const sent: unknown[] = [];
    const tools = {
      ...scene.tools,
      createPaymentIntent: (body: unknown, key: string) => {
        sent.push({ key, body });
        return Promise.reject(new Error('the answer was lost'));
      },
    };
    const cart = (mug: number) => ({
      currency: 'eur',
      items: [
        { productId: 'stoneware-mug', quantity: 2, unitAmount: mug },
        { productId: 'coffee-beans', quantity: 1 },
      ],
    });
    await expect(payOrder(cart(1800), CHOICE, tools)).rejects.toThrow('lost');
    await expect(payOrder(cart(2000), CHOICE, tools)).rejects.toThrow('lost');
    expect(sent[1]).toEqual(sent[0]);
    expect(sent[0]).toMatchObject({
      body: {
        items: [
          { product_id: 'stoneware-mug', quantity: 2, unit_amount: 1800 },
          { product_id: 'coffee-beans', quantity: 1 },
        ],
      },
    });
  });

  it('is the same after a success, so that another tab learns of it and charges nothing', async () => {
    await scene.pay();
    scene.creates = [payment('succeeded')];
    expect(await scene.pay()).toMatchObject({ kind: 'succeeded', paidBefore: true });
    expect(new Set(scene.keys).size).toBe(1);
    expect(scene.calls.filter((call) => call.startsWith('confirm'))).toHaveLength(1);
  });

  it('is new if the person buys the same again on purpose', async () => {
    await scene.pay();
    scene.startedPayments.forget(ORDER);
    scene.creates = [payment('requires_confirmation')];
    scene.confirms = [payment('succeeded')];
    await scene.pay();
    expect(new Set(scene.keys).size).toBe(2);
  });

  it('stays the same after a decline, and so does the payment', async () => {
    scene.confirms = [refusal(402, 'card_declined')];
    await scene.pay();
    scene.creates = [payment('requires_payment_method')];
    scene.confirms = [payment('succeeded')];
    expect(await scene.pay()).toMatchObject({ kind: 'succeeded' });
    expect(new Set(scene.keys).size).toBe(1);
  });

  it('stays the same with another card, which the confirmation names', async () => {
    scene.confirms = [refusal(402, 'card_declined')];
    await scene.pay();
    scene.log = [];
    scene.creates = [payment('requires_payment_method')];
    scene.confirms = [payment('succeeded', { payment_method_id: 'pm_2' })];
    await scene.pay({ ...CHOICE, paymentMethodId: 'pm_2' });
    expect(new Set(scene.keys).size).toBe(1);
    expect(scene.calls).toEqual([
      'create stoneware-mug pm_1',
      'token',
      'confirm pay_1 {"cvc_token":"tok_2","payment_method_id":"pm_2"}',
    ]);
  });

  it.each([
    ['payment_method_not_found', 404],
    ['idempotency_key_reused', 409],
    ['currency_not_offered', 422],
    ['payment_refused', 422],
    ['payment_not_confirmable', 409],
  ])('is new after %s, because nothing was started', async (code, status) => {
    scene.creates = [refusal(status, code)];
    expect(await scene.pay()).toMatchObject({ kind: 'refused', problem: { code } });
    expect(scene.startedPayments.find(ORDER)).toBeNull();
  });

  it.each([
    ['an expired session', refusal(401, 'not_authenticated')],
    ['an error on our side', refusal(500, 'internal_error')],
    ['a provider that refuses us', refusal(502, 'stripe_unavailable')],
  ])('stays the same after %s', async (_, error) => {
    scene.creates = [error];
    expect(await scene.pay()).toMatchObject({ kind: 'refused' });
    expect(scene.startedPayments.find(ORDER)).not.toBeNull();
  });

  it.each([
    ['idempotency_key_reused', 409],
    ['payment_not_found', 404],
    ['payment_method_not_found', 404],
    ['payment_refused', 422],
    ['validation_error', 422],
  ])('is new after %s, because this payment is over', async (code, status) => {
    scene.confirms = [refusal(status, code)];
    expect(await scene.pay()).toMatchObject({ kind: 'refused', problem: { code } });
    expect(scene.startedPayments.find(ORDER)).toBeNull();
    scene.creates = [payment('requires_confirmation', { payment_id: 'pay_2' })];
    scene.confirms = [payment('succeeded', { payment_id: 'pay_2' })];
    expect(await scene.pay()).toMatchObject({ kind: 'succeeded' });
    expect(new Set(scene.keys).size).toBe(2);
  });

  it.each(['canceled', 'refused', 'expired'] as const)(
    'is new if the payment turns out to be %s when it is confirmed',
    async (status) => {
      scene.confirms = [refusal(409, 'payment_not_confirmable')];
      scene.gets = [payment(status)];
      const problem = { code: 'payment_not_confirmable' };
      expect(await scene.pay()).toMatchObject({ kind: 'refused', problem });
      expect(scene.startedPayments.find(ORDER)).toBeNull();
    },
  );

  it.each(['mismatched', 'lost_at_stripe'] as const)(
    'stays the same if the payment turns out to be %s when it is confirmed',
    async (status) => {
      scene.confirms = [refusal(409, 'payment_not_confirmable')];
      scene.gets = [payment(status)];
      const problem = { code: 'payment_needs_review' };
      expect(await scene.pay()).toMatchObject({ kind: 'refused', problem });
      expect(scene.startedPayments.find(ORDER)?.paymentId).toBe('pay_1');
    },
  );

  it('stays the same if the creation says that a known payment is over, and it may be charged', async () => {
    scene.confirms = [refusal(402, 'card_declined')];
    await scene.pay();
    scene.creates = [refusal(409, 'payment_not_confirmable')];
    scene.gets = [payment('lost_at_stripe')];
    const problem = { code: 'payment_needs_review' };
    expect(await scene.pay()).toMatchObject({ kind: 'refused', problem });
    expect(scene.startedPayments.find(ORDER)?.paymentId).toBe('pay_1');
  });

  it('stays the same if nobody can say how the payment ended', async () => {
    scene.confirms = [refusal(409, 'payment_not_confirmable')];
    scene.gets = [networkError(null)];
    expect(await scene.pay()).toMatchObject({ problem: { code: 'network_error' } });
    expect(scene.startedPayments.find(ORDER)?.paymentId).toBe('pay_1');
  });

  it('is new when an unfinished payment cannot go on', async () => {
    scene.confirms = [refusal(402, 'card_declined')];
    await scene.pay();
    scene.gets = [payment('requires_payment_method')];
    scene.confirms = [refusal(422, 'payment_refused')];
    await resumePayment('pay_1', CHOICE, scene.tools);
    expect(scene.startedPayments.find(ORDER)).toBeNull();
  });

  it.each(['mismatched', 'lost_at_stripe'] as const)(
    'stays the same if the payment is %s, because it may have been charged',
    async (status) => {
      scene.confirms = [payment(status)];
      const problem = { code: 'payment_needs_review' };
      expect(await scene.pay()).toMatchObject({ kind: 'refused', problem });
      scene.creates = [payment(status)];
      expect(await scene.pay()).toMatchObject({ kind: 'refused', problem });
      expect(new Set(scene.keys).size).toBe(1);
      expect(scene.calls.filter((call) => call.startsWith('confirm'))).toHaveLength(1);
    },
  );

  it.each(['canceled', 'refused', 'expired'] as const)(
    'is new if the payment is %s',
    async (status) => {
      scene.creates = [payment(status)];
      expect(await scene.pay()).toMatchObject({
        kind: 'refused',
        problem: { code: 'payment_not_confirmable' },
      });
      expect(scene.startedPayments.find(ORDER)).toBeNull();
    },
  );
});

describe('a lost connection', () => {
  it('repeats the creation with the same key', async () => {
    scene.creates = [networkError(null), TIMES_OUT, payment('requires_confirmation')];
    expect(await scene.pay()).toMatchObject({ kind: 'succeeded' });
    expect(scene.keys).toHaveLength(3);
    expect(new Set(scene.keys).size).toBe(1);
    expect(scene.log).toContain('(retrying)');
  });

  it('repeats the confirmation with the same CVC token', async () => {
    scene.confirms = [networkError(null), networkError(null), payment('succeeded')];
    expect(await scene.pay()).toMatchObject({ kind: 'succeeded' });
    expect(scene.calls.slice(1)).toEqual([
      'token',
      'confirm pay_1 {"cvc_token":"tok_1"}',
      'confirm pay_1 {"cvc_token":"tok_1"}',
      'confirm pay_1 {"cvc_token":"tok_1"}',
    ]);
  });

  it('says what it is doing while it tries again', async () => {
    scene.confirms = [networkError(null), payment('succeeded')];
    await scene.pay();
    expect(scene.log.filter((line) => line.startsWith('('))).toEqual([
      '(creating)',
      '(tokenizing)',
      '(confirming)',
      '(retrying)',
      '(confirming)',
    ]);
  });

  it('finds the payment later if its response was lost for good', async () => {
    scene.confirms = Array.from({ length: 4 }, () => networkError(null));
    expect(await scene.pay()).toMatchObject({
      kind: 'refused',
      problem: { code: 'network_error' },
    });
    // It did go through: pressing Pay again finds that out and charges nothing.
    scene.log = [];
    scene.creates = [payment('succeeded')];
    expect(await scene.pay()).toMatchObject({ kind: 'succeeded', paidBefore: true });
    expect(scene.calls).toEqual(['create stoneware-mug pm_1']);
    expect(new Set(scene.keys).size).toBe(1);
    expect(scene.startedPayments.find(ORDER)?.paidAt).toBeDefined();
  });
});

describe('a provider that refuses us', () => {
  const NOT_WORKING = refusal(502, 'stripe_unavailable');

  it('is not asked again for the creation', async () => {
    scene.creates = [NOT_WORKING];
    expect(await scene.pay()).toMatchObject({ kind: 'refused', problem: { status: 502 } });
    expect(scene.keys).toHaveLength(1);
    expect(scene.waits).toEqual([]);
  });

  it('is not asked again for the confirmation, and the payment can be continued', async () => {
    scene.confirms = [NOT_WORKING];
    expect(await scene.pay()).toMatchObject({ kind: 'refused', problem: { status: 502 } });
    expect(scene.waits).toEqual([]);
    expect(scene.startedPayments.find(ORDER)?.paymentId).toBe('pay_1');
  });
});

describe('a price other than the one shown', () => {
  it.each([{ amount: 2500 }, { currency: 'usd' }])(
    'needs the customer’s consent before anything is confirmed: %o',
    async (change) => {
      scene.creates = [payment('requires_confirmation', change)];
      expect(await scene.pay()).toMatchObject({ kind: 'price_changed', payment: change });
      expect(scene.calls).toEqual(['create stoneware-mug pm_1']);
    },
  );

  it('is paid with the same payment once it is accepted', async () => {
    scene.creates = [
      payment('requires_confirmation', { amount: 2500 }),
      payment('requires_confirmation', { amount: 2500 }),
    ];
    await scene.pay();
    const accepted = { ...CHOICE, shown: { amount: 2500, currency: 'eur' } };
    expect(await scene.pay(accepted)).toMatchObject({ kind: 'succeeded' });
    expect(new Set(scene.keys).size).toBe(1);
  });
});

describe('the security code', () => {
  it('is asked for again when it is incomplete, and nothing is confirmed', async () => {
    scene.tokens = [new CvcInvalidError('Your card’s security code is incomplete.')];
    expect(await scene.pay()).toEqual({
      kind: 'cvc_invalid',
      message: 'Your card’s security code is incomplete.',
    });
    expect(scene.calls).toEqual(['create stoneware-mug pm_1', 'token']);
  });

  it('is asked for again when the API needs a new one', async () => {
    scene.confirms = [refusal(422, 'cvc_required')];
    expect(await scene.pay()).toMatchObject({
      kind: 'refused',
      problem: { code: 'cvc_required' },
    });
    expect(scene.startedPayments.find(ORDER)?.paymentId).toBe('pay_1');
  });

  it('is a new token on the second try', async () => {
    scene.confirms = [refusal(402, 'card_declined', { decline_code: 'incorrect_cvc' })];
    await scene.pay();
    scene.creates = [payment('requires_payment_method')];
    scene.confirms = [payment('succeeded')];
    await scene.pay();
    expect(scene.calls.at(-1)).toBe('confirm pay_1 {"cvc_token":"tok_2"}');
  });
});

describe('an unfinished payment', () => {
  it('continues with its challenge, without another code', async () => {
    scene.gets = [payment('requires_action')];
    scene.challenges = [true];
    expect(await resumePayment('pay_1', CHOICE, scene.tools)).toMatchObject({ kind: 'succeeded' });
    expect(scene.calls).toEqual(['get pay_1', 'challenge pi_1_secret', 'confirm pay_1 {}']);
  });

  it('drops the challenge when another card is chosen', async () => {
    scene.gets = [payment('requires_action')];
    await resumePayment('pay_1', { ...CHOICE, paymentMethodId: 'pm_2' }, scene.tools);
    expect(scene.calls).toEqual([
      'get pay_1',
      'token',
      'confirm pay_1 {"cvc_token":"tok_1","payment_method_id":"pm_2"}',
    ]);
  });

  it.each(['pending', 'requires_confirmation', 'requires_payment_method'] as const)(
    'is confirmed with a new code when it is %s',
    async (status) => {
      scene.gets = [payment(status)];
      await resumePayment('pay_1', CHOICE, scene.tools);
      expect(scene.calls).toEqual(['get pay_1', 'token', 'confirm pay_1 {"cvc_token":"tok_1"}']);
    },
  );

  it('is not paid again if it was paid in the meantime', async () => {
    scene.gets = [payment('succeeded')];
    expect(await resumePayment('pay_1', CHOICE, scene.tools)).toMatchObject({
      kind: 'succeeded',
      paidBefore: true,
    });
    expect(scene.calls).toEqual(['get pay_1']);
  });

  it('asks the API for the challenge if the client secret is missing', async () => {
    scene.gets = [payment('requires_action', { client_secret: null })];
    scene.confirms = [payment('requires_action'), payment('succeeded')];
    scene.challenges = [true];
    await resumePayment('pay_1', CHOICE, scene.tools);
    expect(scene.calls).toEqual([
      'get pay_1',
      'confirm pay_1 {}',
      'challenge pi_1_secret',
      'confirm pay_1 {}',
    ]);
  });
});

it('rethrows unexpected errors', async () => {
  scene.confirms = [new RangeError('a bug')];
  await expect(scene.pay()).rejects.toThrow('a bug');
});

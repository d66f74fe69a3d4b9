import type { SetupIntentResult } from '@stripe/stripe-js';
import { beforeEach, describe, expect, it } from 'vitest';

import type { PaymentMethod } from '@/api/client';
import { ApiError, localProblem } from '@/api/problem';

import { CardInvalidError, CardSetup, type CardSetupTools } from './cardSetup';
import { consentTo } from './consent';

const CARD = { payment_method_id: 'pm_1' } as PaymentMethod;
const CONFIRMED = { setupIntent: { status: 'succeeded' } } as SetupIntentResult;

const refused = (error: object) => ({ error }) as SetupIntentResult;

describe('saving a card', () => {
  let calls: string[];
  let answers: SetupIntentResult[];
  let attached: (PaymentMethod | ApiError)[];
  let tools: CardSetupTools;
  let setup: CardSetup;

  beforeEach(() => {
    calls = [];
    answers = [];
    attached = [];
    setup = new CardSetup();
    let created = 0;
    tools = {
      createSetupIntent(body) {
        created += 1;
        calls.push(`create ${body.usage}: ${body.consent_text}`);
        return Promise.resolve({
          setup_intent_id: `seti_${created}`,
          client_secret: `secret_${created}`,
          status: 'requires_payment_method',
          next_action: null,
          ...body,
        });
      },
      confirmCardSetup(clientSecret) {
        calls.push(`confirm ${clientSecret}`);
        return Promise.resolve(answers.shift() ?? CONFIRMED);
      },
      attachPaymentMethod(setupIntentId) {
        calls.push(`attach ${setupIntentId}`);
        const answer = attached.shift() ?? CARD;
        return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve(answer);
      },
    };
  });

  it('sends the wording that the form has shown', async () => {
    expect(await setup.save('on_session', tools)).toBe(CARD);
    expect(calls).toEqual([
      `create on_session: ${consentTo('on_session')}`,
      'confirm secret_1',
      'attach seti_1',
    ]);
  });

  it.each([
    [{ type: 'card_error', message: 'Your card was declined.' }, /declined/],
    [{ type: 'validation_error' }, /Check the card number/],
    [
      { type: 'invalid_request_error', code: 'setup_intent_authentication_failure' },
      /could not confirm that it was you/,
    ],
  ])('tries another card with the same SetupIntent after %o', async (error, message) => {
    answers = [refused(error)];
    const attempt = setup.save('on_session', tools);
    await expect(attempt).rejects.toThrow(CardInvalidError);
    await expect(attempt).rejects.toThrow(message);
    setup.cardChanged();
    await setup.save('on_session', tools);
    expect(calls.slice(1)).toEqual(['confirm secret_1', 'confirm secret_1', 'attach seti_1']);
  });

  it('goes on if the confirmation arrived and only its answer was lost', async () => {
    answers = [
      refused({ type: 'api_connection_error' }),
      refused({ type: 'invalid_request_error', setup_intent: { status: 'succeeded' } }),
    ];
    await expect(setup.save('on_session', tools)).rejects.toThrow(ApiError);
    expect(await setup.save('on_session', tools)).toBe(CARD);
    expect(calls.at(-1)).toBe('attach seti_1');
  });

  it('starts again with another SetupIntent if Stripe does not know this one', async () => {
    answers = [refused({ type: 'invalid_request_error', code: 'resource_missing' })];
    await expect(setup.save('on_session', tools)).rejects.toThrow(ApiError);
    await setup.save('on_session', tools);
    expect(calls.at(-1)).toBe('attach seti_2');
  });

  it('does not ask the bank again if only our API could not be reached', async () => {
    attached = [new ApiError(localProblem('network_error', ''))];
    await expect(setup.save('on_session', tools)).rejects.toThrow(ApiError);
    await setup.save('on_session', tools);
    expect(calls.slice(1)).toEqual(['confirm secret_1', 'attach seti_1', 'attach seti_1']);
  });

  it.each([
    ['another card is entered', 'on_session', true],
    ['something else is agreed to', 'off_session', false],
  ] as const)('needs another SetupIntent if %s', async (_, usage, changes) => {
    attached = [new ApiError(localProblem('network_error', ''))];
    await expect(setup.save('on_session', tools)).rejects.toThrow(ApiError);
    if (changes) setup.cardChanged();
    await setup.save(usage, tools);
    expect(calls.slice(3)).toEqual([
      `create ${usage}: ${consentTo(usage)}`,
      'confirm secret_2',
      'attach seti_2',
    ]);
  });

  it('starts again if the card is gone when it is to be saved', async () => {
    const problem = { ...localProblem('payment_method_not_found', ''), status: 404 };
    attached = [new ApiError(problem)];
    await expect(setup.save('on_session', tools)).rejects.toThrow(ApiError);
    await setup.save('on_session', tools);
    expect(calls.at(-1)).toBe('attach seti_2');
  });
});

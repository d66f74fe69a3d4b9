import { describe, expect, it } from 'vitest';

import openapi from '../../../docs/openapi.json';
import { adviceFor, explainProblem, type Place } from './explainProblem';

// The fallback itself, and the one code that only Stripe gets.
const WITHOUT_TEXT = ['internal_error', 'invalid_signature'];
const API_CODES = openapi.components.schemas.Problem.properties.code.enum;
const UNKNOWN = explainProblem({ code: 'no_such_code' });

describe('explainProblem', () => {
  it.each(API_CODES.filter((code) => !WITHOUT_TEXT.includes(code)))(
    'has its own text for %s',
    (code) => {
      const explanation = explainProblem({ code });
      expect(explanation).not.toBe(UNKNOWN);
      expect(explanation.title).not.toBe('');
      expect(explanation.advice).not.toBe('');
    },
  );

  it('takes the blame for an unknown code', () => {
    expect(UNKNOWN).toEqual(explainProblem({ code: 'internal_error' }));
    expect(explainProblem({ code: 'constructor' })).toEqual(UNKNOWN);
  });

  it.each([
    ['insufficient_funds', /not enough money/, 'another_card'],
    ['incorrect_cvc', /security code is wrong/, 'reenter_cvc'],
    ['invalid_cvc', /security code is wrong/, 'reenter_cvc'],
    ['expired_card', /expired/, 'another_card'],
    ['processing_error', /could not process/, 'reenter_cvc'],
    ['generic_decline', /was declined/, 'another_card'],
    ['a_decline_of_tomorrow', /was declined/, 'another_card'],
  ])('says what to do after %s', (declineCode, title, remedy) => {
    const explanation = explainProblem({ code: 'card_declined', decline_code: declineCode });
    expect(explanation.title).toMatch(title);
    expect(explanation.remedy).toBe(remedy);
  });

  it('tells a provider that does not answer from one that refuses us', () => {
    const silent = explainProblem({ code: 'stripe_unavailable', retryable: true });
    expect(silent.title).toMatch(/not responding/);
    expect(silent.remedy).toBe('retry');
    const refusing = explainProblem({ code: 'stripe_unavailable' });
    expect(refusing.title).toMatch(/not working/);
    expect(refusing.remedy).toBe('none');
  });

  it('starts over after a final refusal, with another card or order', () => {
    const explanation = explainProblem({ code: 'payment_refused' });
    expect(adviceFor(explanation, 'paying')).toMatch(/not been charged.*another card.*new payment/);
    expect(explanation.remedy).toBe('start_over');
  });

  it('sends nobody to pay again for a payment that the shop has to look at', () => {
    const explanation = explainProblem({ code: 'payment_needs_review' });
    expect(explanation.advice).toMatch(/do not pay again/);
    expect(explanation.remedy).toBe('none');
  });

  it.each(['lost_card', 'stolen_card', 'pickup_card', 'fraudulent'])(
    'does not tell the customer about %s',
    (declineCode) => {
      expect(explainProblem({ code: 'card_declined', decline_code: declineCode })).toEqual(
        explainProblem({ code: 'card_declined', decline_code: 'generic_decline' }),
      );
    },
  );

  // Code, place, what is said of the money, and what to do.
  it.each<[string, Place, RegExp | null, RegExp]>([
    ['service_unavailable', 'paying', /cannot be charged twice/, /Try again in a moment/],
    ['service_unavailable', 'elsewhere', null, /Try again in a moment/],
    ['network_error', 'paying', /already gone through, we will show you/, /try again/],
    ['network_error', 'elsewhere', null, /Check your internet connection and try again/],
    ['rate_limited', 'paying', /cannot be charged twice/, /Wait a moment/],
    ['rate_limited', 'card', null, /Wait a moment/],
    ['too_many_attempts', 'paying', /not been charged/, /Wait a while/],
    ['too_many_attempts', 'card', /not been charged/, /Wait a while/],
    ['card_declined', 'card', /not been charged/, /another card/],
    ['authentication_failed', 'paying', /not been charged/, /start the check again/],
    ['product_not_found', 'elsewhere', null, /what else is in the shop/],
    ['payment_not_found', 'elsewhere', null, /under Purchases/],
  ])('says of %s, while %s, what it means for the money', (code, place, money, advice) => {
    const told = adviceFor(explainProblem({ code }), place);
    expect(told).toMatch(advice);
    if (money) expect(told).toMatch(money);
    else expect(told).not.toMatch(/charged/);
  });

  it('speaks of charges only where money moves', () => {
    for (const code of API_CODES) {
      expect(adviceFor(explainProblem({ code }), 'elsewhere')).not.toMatch(/charged/);
    }
  });
});

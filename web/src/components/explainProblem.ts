import type { Problem } from '@/api/problem';
import type { components } from '@/api/schema';

/** Every code that the API has for this app, and those of the browser's own. */
export type ProblemCode =
  | Exclude<components['schemas']['Problem']['code'], 'invalid_signature'> // that is for Stripe
  | 'network_error'
  | 'stripe_js_error';

/** What a person is told when something went wrong, and what they can do about it. */
export interface Explanation {
  readonly title: string;
  readonly advice: string;
  readonly remedy: Remedy;
}

export type Remedy =
  | 'retry' // press the same button again
  | 'correct' // change what was typed
  | 'reenter_cvc'
  | 'another_card'
  | 'log_in'
  | 'start_over' // this payment cannot go on: begin a new one
  | 'none';

const CHARGED_NOTHING = 'Nothing has been charged.';

const EXPLANATIONS: Readonly<Record<ProblemCode, Explanation>> = {
  malformed_json: {
    title: 'Till did not understand the request',
    advice: 'Reload the page and try again. If it happens again, please tell us.',
    remedy: 'retry',
  },
  idempotency_key_missing: {
    title: 'Till did not understand the request',
    advice: `${CHARGED_NOTHING} Reload the page and try again.`,
    remedy: 'retry',
  },
  idempotency_key_reused: {
    title: 'This order has changed',
    advice: `${CHARGED_NOTHING} Check the order and pay again.`,
    remedy: 'start_over',
  },
  not_authenticated: {
    title: 'Your session has ended',
    advice: 'Log in again to go on where you were.',
    remedy: 'log_in',
  },
  card_declined: {
    title: 'Your card was declined',
    advice: `${CHARGED_NOTHING} Your bank gave no reason. Ask it, or use another card.`,
    remedy: 'another_card',
  },
  authentication_failed: {
    title: 'Your bank could not confirm that it is you',
    advice: `${CHARGED_NOTHING} Enter the security code and try your bank’s check again, or use another card.`,
    remedy: 'reenter_cvc',
  },
  route_not_found: {
    title: 'Till does not know this address',
    advice: 'Reload the page: a newer version of the app may be there.',
    remedy: 'none',
  },
  product_not_found: {
    title: 'This product is no longer sold',
    advice: `${CHARGED_NOTHING} See what else is in the shop.`,
    remedy: 'none',
  },
  payment_method_not_found: {
    title: 'This card is no longer saved',
    advice: 'Choose another card or add one.',
    remedy: 'another_card',
  },
  payment_not_found: {
    title: 'There is no such payment',
    advice: 'See your purchases for the ones you have made.',
    remedy: 'none',
  },
  user_exists: {
    title: 'This email address is already registered',
    advice: 'Log in, or choose a new password if you have forgotten yours.',
    remedy: 'log_in',
  },
  payment_not_confirmable: {
    title: 'This payment was cancelled',
    advice: `${CHARGED_NOTHING} You can start a new one.`,
    remedy: 'start_over',
  },
  body_too_large: {
    title: 'That is too much text',
    advice: 'Shorten what you entered and try again.',
    remedy: 'correct',
  },
  unsupported_media_type: {
    title: 'Till did not understand the request',
    advice: 'Reload the page and try again. If it happens again, please tell us.',
    remedy: 'retry',
  },
  validation_error: {
    title: 'Some of what you entered is not valid',
    advice: 'Correct it and try again.',
    remedy: 'correct',
  },
  password_rejected: {
    title: 'This password is not strong enough',
    advice: 'Use at least 12 characters, with upper and lower case letters and a digit.',
    remedy: 'correct',
  },
  currency_not_offered: {
    title: 'This product is not sold in this currency',
    advice: `${CHARGED_NOTHING} Choose another currency in the shop.`,
    remedy: 'none',
  },
  cvc_required: {
    title: 'Your card’s security code is needed again',
    advice: `${CHARGED_NOTHING} Enter the code from your card once more.`,
    remedy: 'reenter_cvc',
  },
  rate_limited: {
    title: 'That was a little too fast',
    advice: 'Wait a moment and try again. You cannot be charged twice.',
    remedy: 'retry',
  },
  internal_error: {
    title: 'Something went wrong on our side',
    advice: 'Try again in a moment. You cannot be charged twice for the same order.',
    remedy: 'retry',
  },
  stripe_unavailable: {
    title: 'The payment provider does not answer',
    advice: 'Try again in a moment. You cannot be charged twice for the same order.',
    remedy: 'retry',
  },
  service_unavailable: {
    title: 'Till is busy',
    advice: 'Try again in a moment. You cannot be charged twice for the same order.',
    remedy: 'retry',
  },
  network_error: {
    title: 'The connection was lost',
    advice:
      'Check your network and try again. If the payment went through meanwhile, you will see it: you cannot be charged twice.',
    remedy: 'retry',
  },
  stripe_js_error: {
    title: 'Stripe could not be reached',
    advice: `${CHARGED_NOTHING} Check your network, or whether something blocks js.stripe.com, and try again.`,
    remedy: 'retry',
  },
};

// https://docs.stripe.com/declines/codes. What a bank says of a lost, stolen or suspicious card is
// for the merchant: whoever holds the card is told no more than that it was declined.
const DECLINES: Readonly<Record<string, Explanation>> = {
  insufficient_funds: {
    title: 'There is not enough money on this card',
    advice: `${CHARGED_NOTHING} Use another card, or top this one up and try again.`,
    remedy: 'another_card',
  },
  incorrect_cvc: {
    title: 'The security code is wrong',
    advice: `${CHARGED_NOTHING} Check the code on your card and enter it again.`,
    remedy: 'reenter_cvc',
  },
  expired_card: {
    title: 'This card has expired',
    advice: `${CHARGED_NOTHING} Use another card.`,
    remedy: 'another_card',
  },
  processing_error: {
    title: 'The bank could not process the payment',
    advice: `${CHARGED_NOTHING} Enter the security code and try again in a moment, or use another card.`,
    remedy: 'reenter_cvc',
  },
  card_velocity_exceeded: {
    title: 'This card has reached its limit',
    advice: `${CHARGED_NOTHING} Use another card, or ask your bank.`,
    remedy: 'another_card',
  },
  currency_not_supported: {
    title: 'This card cannot pay in this currency',
    advice: `${CHARGED_NOTHING} Use another card, or choose another currency in the shop.`,
    remedy: 'another_card',
  },
  incorrect_number: {
    title: 'The card number is wrong',
    advice: `${CHARGED_NOTHING} Add the card again with the right number.`,
    remedy: 'another_card',
  },
};
const SAME_DECLINE: Readonly<Record<string, string>> = {
  invalid_cvc: 'incorrect_cvc',
  invalid_number: 'incorrect_number',
  invalid_expiry_month: 'expired_card',
  invalid_expiry_year: 'expired_card',
  withdrawal_count_limit_exceeded: 'card_velocity_exceeded',
  issuer_not_available: 'processing_error',
  reenter_transaction: 'processing_error',
  try_again_later: 'processing_error',
};

export function explainProblem(
  problem: Pick<Problem, 'code'> & Partial<Pick<Problem, 'decline_code'>>,
): Explanation {
  if (problem.code === 'card_declined') {
    const { decline_code: declineCode = '' } = problem;
    return DECLINES[SAME_DECLINE[declineCode] ?? declineCode] ?? EXPLANATIONS.card_declined;
  }
  return isKnown(problem.code) ? EXPLANATIONS[problem.code] : EXPLANATIONS.internal_error;
}

function isKnown(code: string): code is ProblemCode {
  return Object.hasOwn(EXPLANATIONS, code);
}

import { i18n, type MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';

import type { Problem } from '@/api/problem';
import type { components } from '@/api/schema';

/** Every code that the API returns to this app, and the ones made in the browser. */
export type ProblemCode =
  | Exclude<components['schemas']['Problem']['code'], 'invalid_signature'> // only returned to Stripe
  | 'network_error'
  | 'payment_needs_review'
  | 'stripe_js_error';

/** What we tell the user about a problem, and what they can do about it. */
export interface Explanation {
  readonly title: string;
  /** What it means for the money, told where money is moving. */
  readonly money?: keyof typeof MONEY;
  readonly advice: string;
  readonly remedy: Remedy;
}

type Untranslated = Omit<Explanation, 'title' | 'advice'> &
  Readonly<Record<'title' | 'advice', MessageDescriptor>>;

export type Remedy =
  | 'retry' // press the same button again
  | 'correct' // change what was typed
  | 'reenter_cvc'
  | 'another_card'
  | 'log_in'
  | 'start_over' // this payment is over: start a new one
  | 'none';

/** Where it happened: while paying, while saving or changing a card, or anywhere else. */
export type Place = 'paying' | 'card' | 'elsewhere';

/** What a problem means for the money, and where somebody may worry about it. */
const MONEY = {
  not_charged: { text: msg`You have not been charged.`, places: ['paying', 'card'] },
  once: { text: msg`You cannot be charged twice for the same order.`, places: ['paying'] },
  perhaps: {
    text: msg`If your payment has already gone through, we will show you. You cannot be charged twice.`,
    places: ['paying'],
  },
} as const satisfies Record<string, { text: MessageDescriptor; places: readonly Place[] }>;

const EXPLANATIONS: Readonly<Record<ProblemCode, Untranslated>> = {
  malformed_json: {
    title: msg`We could not read your request`,
    advice: msg`Reload the page and try again. If it happens again, please let us know.`,
    remedy: 'retry',
  },
  idempotency_key_missing: {
    title: msg`We could not read your request`,
    money: 'not_charged',
    advice: msg`Reload the page and try again.`,
    remedy: 'retry',
  },
  idempotency_key_reused: {
    title: msg`This order has changed`,
    money: 'not_charged',
    advice: msg`Check your order, then pay again.`,
    remedy: 'start_over',
  },
  not_authenticated: {
    title: msg`Your session has ended`,
    advice: msg`Log in again to continue where you left off.`,
    remedy: 'log_in',
  },
  account_being_deleted: {
    title: msg`Your account is being deleted`,
    money: 'not_charged',
    advice: msg`Your account page shows when it is erased.`,
    remedy: 'none',
  },
  card_declined: {
    title: msg`Your card was declined`,
    money: 'not_charged',
    advice: msg`Ask your bank why, or use another card.`,
    remedy: 'another_card',
  },
  // Stripe does not tell a challenge that failed from one that the person closed.
  authentication_failed: {
    title: msg`Your bank’s check was not completed`,
    money: 'not_charged',
    advice: msg`Enter the security code to start the check again. If it fails again, ask your bank, or use another card.`,
    remedy: 'reenter_cvc',
  },
  route_not_found: {
    title: msg`This address does not exist`,
    advice: msg`Reload the page. There may be a newer version of the app.`,
    remedy: 'none',
  },
  product_not_found: {
    title: msg`This product is no longer available`,
    money: 'not_charged',
    advice: msg`See what else is in the shop.`,
    remedy: 'none',
  },
  order_not_found: {
    title: msg`We could not find this order`,
    advice: msg`Ask the shop for a new link to it.`,
    remedy: 'none',
  },
  not_allowed: {
    title: msg`You may not do this`,
    advice: msg`Log in with a one-time code, or ask somebody of the shop who may.`,
    remedy: 'none',
  },
  amount_too_large: {
    title: msg`This amount is too large`,
    advice: msg`Look at what is left, and enter less.`,
    remedy: 'correct',
  },
  payment_not_refundable: {
    title: msg`This payment cannot be refunded`,
    advice: msg`Look at what became of it.`,
    remedy: 'none',
  },
  payment_not_capturable: {
    title: msg`This payment cannot be captured`,
    advice: msg`Look at what became of it.`,
    remedy: 'none',
  },
  payment_not_cancelable: {
    title: msg`This payment cannot be cancelled any more`,
    advice: msg`You can see what became of it under Purchases.`,
    remedy: 'none',
  },
  order_not_payable: {
    title: msg`Your order has changed`,
    advice: msg`Look at what is in it now, and order again.`,
    remedy: 'start_over',
  },
  payment_method_not_found: {
    title: msg`This card is no longer saved`,
    advice: msg`Choose another card, or add one.`,
    remedy: 'another_card',
  },
  payment_method_in_use: {
    title: msg`This card is needed for a payment`,
    advice: msg`Its payment is still under way. You can remove the card once it is over.`,
    remedy: 'none',
  },
  setup_intent_not_found: {
    title: msg`This card could not be saved`,
    money: 'not_charged',
    advice: msg`Enter its details again.`,
    remedy: 'retry',
  },
  setup_intent_unfinished: {
    title: msg`Your bank has not confirmed this card yet`,
    money: 'not_charged',
    advice: msg`Try again, or use another card.`,
    remedy: 'retry',
  },
  payment_not_found: {
    title: msg`We could not find this payment`,
    advice: msg`You can see all your payments under Purchases.`,
    remedy: 'none',
  },
  user_exists: {
    title: msg`This email address is already registered`,
    advice: msg`Log in, or reset your password if you have forgotten it.`,
    remedy: 'log_in',
  },
  payment_not_confirmable: {
    title: msg`This payment can no longer be completed`,
    advice: msg`You can see what became of it under Purchases. To buy this, start a new payment.`,
    remedy: 'start_over',
  },
  payment_needs_review: {
    title: msg`The shop has to look at this payment`,
    advice: msg`Please do not pay again before you have asked the shop. You find the payment’s ID under Purchases.`,
    remedy: 'none',
  },
  body_too_large: {
    title: msg`Your text is too long`,
    advice: msg`Shorten it and try again.`,
    remedy: 'correct',
  },
  unsupported_media_type: {
    title: msg`We could not read your request`,
    advice: msg`Reload the page and try again. If it happens again, please let us know.`,
    remedy: 'retry',
  },
  validation_error: {
    title: msg`Some of your details are not valid`,
    advice: msg`Correct them and try again.`,
    remedy: 'correct',
  },
  password_rejected: {
    title: msg`This password is not strong enough`,
    advice: msg`Use at least 12 characters, with upper and lower case letters and a digit.`,
    remedy: 'correct',
  },
  currency_not_offered: {
    title: msg`You cannot buy this product in this currency`,
    money: 'not_charged',
    advice: msg`Choose another currency in the shop.`,
    remedy: 'none',
  },
  cvc_required: {
    title: msg`We need your card’s security code again`,
    money: 'not_charged',
    advice: msg`Enter the code on your card again.`,
    remedy: 'reenter_cvc',
  },
  payment_refused: {
    title: msg`The payment provider did not accept this`,
    money: 'not_charged',
    advice: msg`Change your order or use another card, then start a new payment.`,
    remedy: 'start_over',
  },
  rate_limited: {
    title: msg`That was a little too fast`,
    money: 'once',
    advice: msg`Wait a moment and try again.`,
    remedy: 'retry',
  },
  too_many_attempts: {
    title: msg`Too many attempts`,
    money: 'not_charged',
    advice: msg`Wait a while before you try again, or ask the shop for help.`,
    remedy: 'retry',
  },
  internal_error: {
    title: msg`Something went wrong on our side`,
    money: 'once',
    advice: msg`Try again in a moment.`,
    remedy: 'retry',
  },
  stripe_unavailable: {
    title: msg`The payment provider is not responding`,
    money: 'once',
    advice: msg`Try again in a moment.`,
    remedy: 'retry',
  },
  service_unavailable: {
    title: msg`The shop is busy`,
    money: 'once',
    advice: msg`Try again in a moment.`,
    remedy: 'retry',
  },
  network_error: {
    title: msg`The connection was lost`,
    money: 'perhaps',
    advice: msg`Check your internet connection and try again.`,
    remedy: 'retry',
  },
  stripe_js_error: {
    title: msg`We could not reach Stripe`,
    money: 'not_charged',
    advice: msg`Check your internet connection, make sure that nothing blocks js.stripe.com, and try again.`,
    remedy: 'retry',
  },
};

// The same code with 502: Stripe refuses our key, so that sending the request again does not help.
const STRIPE_REFUSES_US: Untranslated = {
  title: msg`Payments are not working right now`,
  money: 'once',
  advice: msg`We have to fix this. Try again later.`,
  remedy: 'none',
};

// Codes for a lost, stolen or suspicious card are for the merchant only, so they are not listed here:
// the customer sees a generic decline. See https://docs.stripe.com/declines/codes
const DECLINES: Readonly<Record<string, Untranslated>> = {
  insufficient_funds: {
    title: msg`There is not enough money on this card`,
    money: 'not_charged',
    advice: msg`Use another card, or top this one up and try again.`,
    remedy: 'another_card',
  },
  incorrect_cvc: {
    title: msg`The security code is wrong`,
    money: 'not_charged',
    advice: msg`Check the code on your card and enter it again.`,
    remedy: 'reenter_cvc',
  },
  expired_card: {
    title: msg`This card has expired`,
    money: 'not_charged',
    advice: msg`Use another card.`,
    remedy: 'another_card',
  },
  processing_error: {
    title: msg`The bank could not process the payment`,
    money: 'not_charged',
    advice: msg`Enter the security code and try again in a moment, or use another card.`,
    remedy: 'reenter_cvc',
  },
  card_velocity_exceeded: {
    title: msg`This card has reached its limit`,
    money: 'not_charged',
    advice: msg`Use another card, or contact your bank.`,
    remedy: 'another_card',
  },
  currency_not_supported: {
    title: msg`This card does not support this currency`,
    money: 'not_charged',
    advice: msg`Use another card, or choose another currency in the shop.`,
    remedy: 'another_card',
  },
  incorrect_number: {
    title: msg`The card number is wrong`,
    money: 'not_charged',
    advice: msg`Add the card again with the right number.`,
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

type Explained = Pick<Problem, 'code'> & Partial<Pick<Problem, 'decline_code' | 'retryable'>>;

export function explainProblem(problem: Explained): Explanation {
  const explanation = find(problem);
  return { ...explanation, title: i18n._(explanation.title), advice: i18n._(explanation.advice) };
}

function find(problem: Explained): Untranslated {
  if (problem.code === 'card_declined') {
    const { decline_code: declineCode = '' } = problem;
    return DECLINES[SAME_DECLINE[declineCode] ?? declineCode] ?? EXPLANATIONS.card_declined;
  }
  if (problem.code === 'stripe_unavailable' && !problem.retryable) return STRIPE_REFUSES_US;
  return isKnown(problem.code) ? EXPLANATIONS[problem.code] : EXPLANATIONS.internal_error;
}

/** What it means for the money, as far as somebody may worry about it here, and what to do. */
export function adviceFor({ money, advice }: Explanation, place: Place): string {
  if (money === undefined) return advice;
  const places: readonly Place[] = MONEY[money].places;
  return places.includes(place) ? `${i18n._(MONEY[money].text)} ${advice}` : advice;
}

function isKnown(code: string): code is ProblemCode {
  return Object.hasOwn(EXPLANATIONS, code);
}

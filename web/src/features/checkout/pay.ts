/**
 * Paying, from the press of the button to the last word of the bank.
 *
 *   create (or find) the payment → CVC token → confirm → while the bank asks for something:
 *   challenge → confirm → … → succeeded, processing or refused
 *
 * The server's answer to a confirmation is the truth. What Stripe.js says of a challenge only tells
 * whether it makes sense to show it again. Nothing here can pay twice: the order has one
 * Idempotency-Key until its payment has ended, and a payment is charged at most once.
 */
import type { Payment } from '@/lib/api/client';
import { ApiError, localProblem, type Problem } from '@/lib/api/problem';
import { persistently, sleep } from '@/lib/retry';

import type { Attempts, Order } from './attempts';

export type PayStep = 'creating' | 'tokenizing' | 'confirming' | 'authenticating' | 'retrying';

export interface Price {
  readonly amount: number;
  readonly currency: string;
}

export interface PayTools {
  createPayment(
    body: { product_id: string; quantity: number; currency: string; payment_method_id: string },
    idempotencyKey: string,
  ): Promise<Payment>;
  getPayment(paymentId: string): Promise<Payment>;
  confirmPayment(
    paymentId: string,
    body: { cvc_token?: string; payment_method_id?: string },
  ): Promise<Payment>;
  /** A token for the CVC in the form. Throws CvcInvalidError or ApiError. */
  createCvcToken(): Promise<string>;
  /** Show the bank's challenge; false if it was failed, closed or could not be shown. */
  handleCardAction(clientSecret: string): Promise<boolean>;
  attempts: Attempts;
  onStep(step: PayStep): void;
  wait?: (milliseconds: number) => Promise<void>;
}

export type PayOutcome =
  | { readonly kind: 'succeeded'; readonly payment: Payment; readonly paidBefore: boolean }
  | { readonly kind: 'processing'; readonly payment: Payment }
  | { readonly kind: 'price_changed'; readonly payment: Payment }
  | { readonly kind: 'cvc_invalid'; readonly message: string }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** The security code in the form is incomplete or no code at all. */
export class CvcInvalidError extends Error {
  override name = 'CvcInvalidError';
}

// Stripe cancels an intent that is confirmed too often.
const MAX_ROUNDS = 5;
// After these the payment cannot go on; the next attempt needs a new one.
const DEAD_ENDS: ReadonlySet<string> = new Set(['payment_not_confirmable', 'payment_not_found']);

/** Pay for an order, going on with the attempt that is under way for it. */
export function payOrder(
  order: Order,
  choice: { paymentMethodId: string; shown: Price },
  tools: PayTools,
): Promise<PayOutcome> {
  return concluded(async () => {
    const attempt = tools.attempts.begin(order, choice.paymentMethodId);
    tools.onStep('creating');
    let payment: Payment;
    try {
      payment = await insist(tools, 'creating', () =>
        tools.createPayment(
          {
            product_id: order.productId,
            quantity: order.quantity,
            currency: order.currency,
            payment_method_id: attempt.paymentMethodId,
          },
          attempt.key,
        ),
      );
    } catch (error) {
      // The server kept nothing, and would tell the same refusal for the same key.
      if (isFinalRefusal(error)) tools.attempts.forget(order);
      throw error;
    }
    tools.attempts.record(order, payment.payment_id);
    return settled(payment, choice, tools);
  });
}

/** Go on with a payment that was left half-way. */
export function resumePayment(
  paymentId: string,
  choice: { paymentMethodId: string; shown: Price },
  tools: PayTools,
): Promise<PayOutcome> {
  return concluded(async () => {
    tools.onStep('creating');
    const payment = await insist(tools, 'creating', () => tools.getPayment(paymentId));
    return settled(payment, choice, tools);
  });
}

async function settled(
  payment: Payment,
  choice: { paymentMethodId: string; shown: Price },
  tools: PayTools,
): Promise<PayOutcome> {
  try {
    return await driven(payment, choice, tools);
  } catch (error) {
    const isOver = error instanceof ApiError && DEAD_ENDS.has(error.problem.code);
    if (isOver) tools.attempts.settle(payment.payment_id);
    throw error;
  }
}

async function driven(
  begun: Payment,
  { paymentMethodId, shown }: { paymentMethodId: string; shown: Price },
  tools: PayTools,
): Promise<PayOutcome> {
  const paymentId = begun.payment_id;
  const ended = ending(begun, tools, true);
  if (ended) return ended;
  if (begun.amount !== shown.amount || begun.currency !== shown.currency) {
    return { kind: 'price_changed', payment: begun };
  }
  const confirm = (body: { cvc_token?: string; payment_method_id?: string }): Promise<Payment> => {
    tools.onStep('confirming');
    return insist(tools, 'confirming', () => tools.confirmPayment(paymentId, body));
  };

  const sameCard = paymentMethodId === begun.payment_method_id;
  let payment = begun;
  if (begun.status !== 'requires_action' || !sameCard) {
    tools.onStep('tokenizing');
    const cvcToken = await tools.createCvcToken();
    payment = await confirm({
      cvc_token: cvcToken,
      ...(!sameCard && { payment_method_id: paymentMethodId }),
    });
  }
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const outcome = ending(payment, tools, false);
    if (outcome) return outcome;
    const challenge = payment.status === 'requires_action' ? payment.client_secret : null;
    if (challenge === null) {
      payment = await confirm({});
      continue;
    }
    tools.onStep('authenticating');
    const passed = await tools.handleCardAction(challenge);
    payment = await confirm({});
    if (!passed && payment.status === 'requires_action') throw challengeNotPassed();
  }
  throw challengeNotPassed();
}

/** How a payment has ended, if it has; a cancelled one throws. */
function ending(payment: Payment, tools: PayTools, paidBefore: boolean): PayOutcome | null {
  switch (payment.status) {
    case 'succeeded':
      tools.attempts.settle(payment.payment_id);
      return { kind: 'succeeded', payment, paidBefore };
    case 'canceled':
      throw new ApiError({
        ...localProblem('payment_not_confirmable', 'The payment cannot be confirmed'),
        status: 409,
        payment,
      });
    case 'pending':
    case 'requires_action':
    case 'requires_confirmation':
    case 'requires_payment_method':
      return null;
    default:
      // processing, and whatever Stripe may add: it is out of our hands and not over yet.
      return { kind: 'processing', payment };
  }
}

async function concluded(story: () => Promise<PayOutcome>): Promise<PayOutcome> {
  try {
    return await story();
  } catch (error) {
    if (error instanceof CvcInvalidError) return { kind: 'cvc_invalid', message: error.message };
    if (error instanceof ApiError) return { kind: 'refused', problem: error.problem };
    throw error;
  }
}

function insist<Result>(
  tools: PayTools,
  step: PayStep,
  request: () => Promise<Result>,
): Promise<Result> {
  let waited = false;
  return persistently(
    () => {
      if (waited) tools.onStep(step);
      return request();
    },
    {
      wait: tools.wait ?? sleep,
      onWait: () => {
        waited = true;
        tools.onStep('retrying');
      },
    },
  );
}

function isFinalRefusal(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const { status } = error.problem;
  return status >= 400 && status < 500 && status !== 401 && status !== 429;
}

function challengeNotPassed(): ApiError {
  return new ApiError(localProblem('authentication_failed', 'The challenge was not completed'));
}

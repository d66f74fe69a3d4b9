/**
 * Paying, from the click on Pay to the bank's final answer.
 *
 *   create (or find) the payment → CVC token → confirm → while the bank asks for a challenge:
 *   challenge → confirm → … → succeeded, processing or refused
 *
 * The API's response to a confirmation decides. The result of a challenge in Stripe.js only tells
 * whether to show it again. An order cannot be paid twice: it keeps one Idempotency-Key until its
 * payment has ended unpaid or the person buys the same again on purpose, and a payment is charged at
 * most once.
 */
import type { Payment } from '@/api/client';
import { ApiError, localProblem, type Problem } from '@/api/problem';
import { sendWithRetries, sleep } from '@/api/retry';

import type { Order, StartedPayment, StartedPayments } from './startedPayments';

export type PayStep =
  'elsewhere' | 'creating' | 'tokenizing' | 'confirming' | 'authenticating' | 'retrying';

export interface Price {
  readonly amount: number;
  readonly currency: string;
}

export interface PayTools {
  createPaymentIntent(
    body: {
      items: { product_id: string; quantity: number; unit_amount?: number | null }[];
      currency: string;
      payment_method_id: string;
    },
    idempotencyKey: string,
  ): Promise<Payment>;
  getPayment(paymentId: string): Promise<Payment>;
  confirmPaymentIntent(
    paymentId: string,
    body: { cvc_token?: string; payment_method_id?: string; radar_session?: string },
  ): Promise<Payment>;
  /** Create a token for the CVC in the form. Throws CvcInvalidError or ApiError. */
  createCvcToken(): Promise<string>;
  /** Let Stripe look at this browser for signs of fraud. Null if that did not work: nobody waits for it. */
  createRadarSession(): Promise<string | null>;
  /** Show the bank's challenge; false if it failed, was closed or could not be shown. */
  handleCardAction(clientSecret: string): Promise<boolean>;
  startedPayments: StartedPayments;
  onStep(step: PayStep): void;
  wait?: (milliseconds: number) => Promise<void>;
}

export type PayOutcome =
  | { readonly kind: 'succeeded'; readonly payment: Payment; readonly paidBefore: boolean }
  | { readonly kind: 'processing'; readonly payment: Payment }
  | { readonly kind: 'price_changed'; readonly payment: Payment }
  | { readonly kind: 'cvc_invalid'; readonly message: string }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** The security code in the form is incomplete or invalid. */
export class CvcInvalidError extends Error {
  override name = 'CvcInvalidError';
}

// Stripe cancels a PaymentIntent that is confirmed too often.
const MAX_ROUNDS = 5;
// After these responses to a confirmation, the payment cannot go on and the order needs a new one.
const DEAD_ENDS: ReadonlySet<string> = new Set([
  'idempotency_key_reused',
  'payment_method_not_found',
  'payment_not_confirmable',
  'payment_not_found',
  'payment_refused',
  'validation_error',
]);

/** Pay for an order, with the payment already started for it if there is one. */
export function payOrder(
  order: Order,
  choice: { paymentMethodId: string; shown: Price },
  tools: PayTools,
): Promise<PayOutcome> {
  return catchRefusals(async () => {
    const started = tools.startedPayments.findOrStart(order, choice.paymentMethodId);
    tools.onStep('creating');
    let payment: Payment;
    try {
      payment = await sendAndShowRetries(tools, 'creating', () =>
        tools.createPaymentIntent(
          {
            items: itemsOf(order, started),
            currency: order.currency,
            payment_method_id: started.paymentMethodId,
          },
          started.key,
        ),
      );
    } catch (error) {
      if (started.paymentId !== null && hasEnded(error)) {
        return endOf(started.paymentId, error, tools);
      }
      // Nothing was started, and the API would refuse the same key again.
      if (isFinalRefusal(error)) tools.startedPayments.forget(order);
      throw error;
    }
    tools.startedPayments.recordPaymentId(order, payment.payment_id);
    return finishPayment(payment, choice, tools);
  });
}

/** What is sent: the same as the first time, whatever the customer has seen since. */
function itemsOf({ items }: Order, { unitAmounts }: StartedPayment) {
  return items.map(({ productId, quantity }, index) => ({
    product_id: productId,
    quantity,
    // JSON has no undefined, but null.
    ...(typeof unitAmounts?.[index] === 'number' && { unit_amount: unitAmounts[index] }),
  }));
}

/** Continue an unfinished payment. */
export function resumePayment(
  paymentId: string,
  choice: { paymentMethodId: string; shown: Price },
  tools: PayTools,
): Promise<PayOutcome> {
  return catchRefusals(async () => {
    tools.onStep('creating');
    const payment = await sendAndShowRetries(tools, 'creating', () => tools.getPayment(paymentId));
    return finishPayment(payment, choice, tools);
  });
}

/** Confirm a payment, and remember that it is paid, or forget it if it ended unpaid. */
async function finishPayment(
  payment: Payment,
  choice: { paymentMethodId: string; shown: Price },
  tools: PayTools,
): Promise<PayOutcome> {
  return noteTheEnd(payment.payment_id, tools, async () => {
    try {
      return await confirmUntilDecided(payment, choice, tools);
    } catch (error) {
      if (!hasEnded(error)) throw error;
      return await endOf(payment.payment_id, error, tools);
    }
  });
}

/** How a payment ended that the API calls not confirmable: it may have been charged. */
function endOf(paymentId: string, ended: unknown, tools: PayTools): Promise<PayOutcome> {
  return noteTheEnd(paymentId, tools, async () => {
    const outcome = outcomeOf(await tools.getPayment(paymentId), false);
    if (outcome === null) throw ended;
    return outcome;
  });
}

async function noteTheEnd(
  paymentId: string,
  tools: PayTools,
  pay: () => Promise<PayOutcome>,
): Promise<PayOutcome> {
  try {
    const outcome = await pay();
    if (outcome.kind === 'succeeded') tools.startedPayments.recordPaid(paymentId);
    return outcome;
  } catch (error) {
    const isOver = error instanceof ApiError && DEAD_ENDS.has(error.problem.code);
    if (isOver) tools.startedPayments.forgetPayment(paymentId);
    throw error;
  }
}

async function confirmUntilDecided(
  found: Payment,
  { paymentMethodId, shown }: { paymentMethodId: string; shown: Price },
  tools: PayTools,
): Promise<PayOutcome> {
  const decidedBefore = outcomeOf(found, true);
  if (decidedBefore) return decidedBefore;
  if (found.amount !== shown.amount || found.currency !== shown.currency) {
    return { kind: 'price_changed', payment: found };
  }
  const confirm = (body: Parameters<PayTools['confirmPaymentIntent']>[1]): Promise<Payment> => {
    tools.onStep('confirming');
    return sendAndShowRetries(tools, 'confirming', () =>
      tools.confirmPaymentIntent(found.payment_id, body),
    );
  };

  const sameCard = paymentMethodId === found.payment_method_id;
  let payment = found;
  if (found.status !== 'requires_action' || !sameCard) {
    tools.onStep('tokenizing');
    const [cvcToken, radarSession] = await Promise.all([
      tools.createCvcToken(),
      tools.createRadarSession(),
    ]);
    payment = await confirm({
      cvc_token: cvcToken,
      ...(radarSession !== null && { radar_session: radarSession }),
      ...(!sameCard && { payment_method_id: paymentMethodId }),
    });
  }
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const outcome = outcomeOf(payment, false);
    if (outcome) return outcome;
    const clientSecret = payment.status === 'requires_action' ? payment.client_secret : null;
    if (clientSecret === null) {
      payment = await confirm({});
      continue;
    }
    tools.onStep('authenticating');
    const passed = await tools.handleCardAction(clientSecret);
    payment = await confirm({});
    if (!passed && payment.status === 'requires_action') throw challengeNotCompleted();
  }
  throw challengeNotCompleted();
}

/** How a payment ended; null if it still needs a confirmation. Throws if it ended unpaid. */
function outcomeOf(payment: Payment, paidBefore: boolean): PayOutcome | null {
  switch (payment.status) {
    case 'succeeded':
      return { kind: 'succeeded', payment, paidBefore };
    case 'canceled':
    case 'refused':
    case 'expired':
      throw new ApiError({
        ...localProblem('payment_not_confirmable', 'The payment cannot be confirmed'),
        status: 409,
        payment,
      });
    case 'mismatched':
    case 'lost_at_stripe':
      // It may have been charged, so its key is kept: Pay must not start a second payment.
      throw new ApiError({
        ...localProblem('payment_needs_review', 'The shop has to look at this payment'),
        payment,
      });
    case 'pending':
    case 'requires_action':
    case 'requires_confirmation':
    case 'requires_payment_method':
      return null;
    default:
      // processing, or a status that Stripe adds later: out of our hands, and not over yet.
      return { kind: 'processing', payment };
  }
}

async function catchRefusals(pay: () => Promise<PayOutcome>): Promise<PayOutcome> {
  try {
    return await pay();
  } catch (error) {
    if (error instanceof CvcInvalidError) return { kind: 'cvc_invalid', message: error.message };
    if (error instanceof ApiError) return { kind: 'refused', problem: error.problem };
    throw error;
  }
}

function sendAndShowRetries<Result>(
  tools: PayTools,
  step: PayStep,
  request: () => Promise<Result>,
): Promise<Result> {
  let waited = false;
  return sendWithRetries(
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

/** Whether the API says that the payment has ended, but not how. */
function hasEnded(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.problem.code === 'payment_not_confirmable' &&
    error.problem.payment === undefined
  );
}

/** The bank still waits: the person closed its check, or it could not be shown. */
function challengeNotCompleted(): ApiError {
  return new ApiError(localProblem('authentication_failed', 'The challenge was not completed'));
}

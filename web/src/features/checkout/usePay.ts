import { t } from '@lingui/core/macro';
import { CardCvcElement, useElements, useStripe } from '@stripe/react-stripe-js';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { useApi } from '@/api/client';
import { confirmPaymentIntent } from '@/api/confirmPaymentIntent';
import { createPaymentIntent } from '@/api/createPaymentIntent';
import { getPayment, paymentQuery } from '@/api/getPayment';
import { ApiError, problemOf } from '@/api/problem';
import { sleep } from '@/api/retry';
import { STRIPE_PROBLEM } from '@/components/StripeLoadError';
import { withLock } from '@/lib/withLock';

import { CvcInvalidError, type PayOutcome, type PayStep, type PayTools } from './pay';
import { useStartedPayments } from './useStartedPayments';

// A payment waits no longer for what only helps against fraud.
const RADAR_TIMEOUT_MS = 2000;

/** Runs one payment at a time, in this tab or another, with Stripe.js for the CVC field and the challenge. */
export function usePay(lock: string) {
  const api = useApi();
  const startedPayments = useStartedPayments();
  const stripe = useStripe();
  const elements = useElements();
  const queries = useQueryClient();
  const [step, setStep] = useState<PayStep | null>(null);
  // A ref, because a second click can come before React has rendered the new state.
  const isRunning = useRef(false);

  useEffect(() => {
    if (step === null) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [step]);

  const tools: PayTools = {
    createPaymentIntent: (body, key) => createPaymentIntent(api, body, key),
    getPayment: (paymentId) => getPayment(api, paymentId),
    confirmPaymentIntent: (paymentId, body) => confirmPaymentIntent(api, paymentId, body),
    async createCvcToken() {
      const cvc = elements?.getElement(CardCvcElement);
      if (!stripe) throw new ApiError(STRIPE_PROBLEM);
      // The form had no CVC field because the bank was waiting, but it no longer is.
      if (!cvc) throw new CvcInvalidError('Enter the card’s security code.');
      const { error, token } = await stripe.createToken('cvc_update', cvc);
      if (token) return token.id;
      if (error.type === 'validation_error' || error.type === 'card_error') {
        throw new CvcInvalidError(error.message ?? t`Enter the card’s security code.`);
      }
      throw new ApiError(STRIPE_PROBLEM, null, { cause: error });
    },
    async createRadarSession() {
      try {
        const session = stripe?.createRadarSession();
        const answer = await Promise.race([session, sleep(RADAR_TIMEOUT_MS)]);
        const id: unknown = answer?.radarSession?.id;
        return typeof id === 'string' ? id : null;
      } catch {
        return null;
      }
    },
    async handleCardAction(clientSecret) {
      if (!stripe) throw new ApiError(STRIPE_PROBLEM);
      try {
        const { error } = await stripe.handleCardAction(clientSecret);
        return error === undefined;
      } catch (error) {
        // Thrown if there is nothing left to handle. The API knows the payment's status.
        console.warn(t`The challenge could not be shown`, error);
        return false;
      }
    },
    startedPayments,
    onStep: setStep,
  };

  /** The outcome, or null if a payment is already running. */
  const run = async (pay: (tools: PayTools) => Promise<PayOutcome>): Promise<PayOutcome | null> => {
    if (isRunning.current) return null;
    isRunning.current = true;
    try {
      const outcome = await withLock(lock, () => pay(tools), {
        onWait: () => setStep('elsewhere'),
      });
      if ('payment' in outcome) {
        const { payment } = outcome;
        // The history comes with the next GET of the payment.
        queries.setQueryData(paymentQuery(api, payment.payment_id).queryKey, (known) => ({
          ...payment,
          history: known?.history ?? [],
        }));
      }
      return outcome;
    } catch (error) {
      return { kind: 'refused', problem: problemOf(error) };
    } finally {
      isRunning.current = false;
      setStep(null);
    }
  };
  return { run, step };
}

import { CardElement, useElements, useStripe } from '@stripe/react-stripe-js';
import type { PaymentMethod as StripePaymentMethod } from '@stripe/stripe-js';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useId, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';

import { attachPaymentMethod } from '@/api/attachPaymentMethod';
import { useApi } from '@/api/client';
import { PAYMENT_METHODS_KEY } from '@/api/listPaymentMethods';
import { ApiError, problemOf } from '@/api/problem';
import { TextField } from '@/components/Field';
import { ProblemAlert } from '@/components/ProblemAlert';
import { STRIPE_PROBLEM } from '@/components/StripeLoadError';
import { SubmitButton } from '@/components/SubmitButton';
import { useElementStyle } from '@/components/useElementStyle';
import { type FieldErrors, useFieldErrors } from '@/components/useFieldErrors';
import { useSessionState } from '@/features/session';

import { BillingAddress } from './BillingAddress';
import { billingDetails } from './billingDetails';

export function AddCardForm({ next }: { next: string }) {
  const api = useApi();
  const stripe = useStripe();
  const elements = useElements();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const session = useSessionState();
  const style = useElementStyle();
  const cardErrorId = useId();
  const { errors, report, formProps } = useFieldErrors();
  const [cardError, setCardError] = useState<string | null>(null);
  // Stripe has created it, but our API could not be reached to save it. The next attempt saves it.
  const unsaved = useRef<StripePaymentMethod | null>(null);

  const add = useMutation({
    mutationFn: async (values: FormData) => {
      unsaved.current ??= await createPaymentMethod(values);
      if (unsaved.current === null) return null;
      try {
        return await attachPaymentMethod(api, unsaved.current.id);
      } catch (error) {
        if (!(error instanceof ApiError && error.isTransient)) unsaved.current = null;
        throw error;
      }
    },
    onSuccess: async (card) => {
      if (card === null) return;
      await queries.invalidateQueries({ queryKey: PAYMENT_METHODS_KEY });
      const url = new URL(next, location.origin);
      if (url.pathname !== '/cards') url.searchParams.set('card', card.payment_method_id);
      await navigate(url.pathname + url.search, { replace: true });
    },
  });

  /** The card created at Stripe; null if the form shows something to correct. */
  const createPaymentMethod = async (values: FormData): Promise<StripePaymentMethod | null> => {
    const card = elements?.getElement(CardElement);
    if (!stripe || !card) throw new ApiError(STRIPE_PROBLEM);
    const { error, paymentMethod } = await stripe.createPaymentMethod({
      type: 'card',
      card,
      billing_details: billingDetails(values),
    });
    if (paymentMethod) return paymentMethod;
    if (error.type !== 'validation_error' && error.type !== 'card_error') {
      throw new ApiError(STRIPE_PROBLEM, null, { cause: error });
    }
    setCardError(error.message ?? 'Check the card number, expiry date and security code.');
    card.focus();
    return null;
  };

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (add.isPending) return;
    const values = new FormData(event.currentTarget);
    const missing = missingFields(values);
    report(missing);
    if (Object.keys(missing).length === 0) add.mutate(values);
  };
  return (
    <>
      {add.isError && <ProblemAlert problem={problemOf(add.error)} />}
      <form className="form panel" {...formProps} onSubmit={submit} noValidate>
        <TextField
          label="Name on card"
          name="cardholder"
          autoComplete="cc-name"
          maxLength={200}
          defaultValue={session.status === 'active' ? session.person.name : ''}
          error={errors.cardholder}
        />
        <div className="field" role="group" aria-label="Card" aria-describedby={cardErrorId}>
          <span className="label" aria-hidden="true">
            Card
          </span>
          <div className={cardError ? 'input stripe-field invalid' : 'input stripe-field'}>
            <CardElement
              options={{ style, hidePostalCode: true }}
              onChange={({ error }) => {
                unsaved.current = null;
                setCardError(error?.message ?? null);
              }}
            />
          </div>
          <p id={cardErrorId} className="field-error" aria-live="polite">
            {cardError}
          </p>
        </div>
        <BillingAddress errors={errors} />
        <SubmitButton busy={add.isPending}>Save card</SubmitButton>
        <p className="small muted">
          Your card number goes straight to Stripe. Till only sees the brand, the last four digits
          and the expiry date.
        </p>
      </form>
      <p>
        <Link to={next}>Cancel</Link>
      </p>
    </>
  );
}

const REQUIRED: Readonly<Record<string, string>> = {
  cardholder: 'Enter the name on the card.',
  country: 'Choose a country.',
  line1: 'Enter the street address.',
  city: 'Enter the town or city.',
};

function missingFields(values: FormData): FieldErrors {
  const isMissing = (name: string): boolean => {
    const value = values.get(name);
    return typeof value !== 'string' || value.trim() === '';
  };
  return Object.fromEntries(Object.entries(REQUIRED).filter(([name]) => isMissing(name)));
}

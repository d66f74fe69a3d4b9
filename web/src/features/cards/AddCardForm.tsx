import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { CardElement, useElements, useStripe } from '@stripe/react-stripe-js';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useId, useRef, useState } from 'react';

import { attachPaymentMethod } from '@/api/attachPaymentMethod';
import { type PaymentMethod, useApi } from '@/api/client';
import { createSetupIntent } from '@/api/createSetupIntent';
import { PAYMENT_METHODS_KEY } from '@/api/listPaymentMethods';
import { ApiError, problemOf } from '@/api/problem';
import { TextField } from '@/components/Field';
import { STRIPE_PROBLEM } from '@/components/StripeLoadError';
import { SubmitButton } from '@/components/SubmitButton';
import { useElementStyle } from '@/components/useElementStyle';
import { type FieldErrors, useFieldErrors } from '@/components/useFieldErrors';
import { useSessionState } from '@/features/session';
import { useShop } from '@/lib/useConfig';

import { BillingAddress } from './BillingAddress';
import { billingDetails } from './billingDetails';
import { CardInvalidError, CardSetup, type CardSetupTools } from './cardSetup';
import { CardProblem } from './CardProblem';
import { consentTo, type Usage } from './consent';
import { replaceCard } from './replaceCard';

export interface AddCardProps {
  /** The card whose place the new one takes. */
  replaced?: PaymentMethod | undefined;
  onSaved: (card: PaymentMethod) => unknown;
  onCancel: () => unknown;
}

export function AddCardForm({ replaced, onSaved, onCancel }: AddCardProps) {
  const { name: shop } = useShop();
  const api = useApi();
  const stripe = useStripe();
  const elements = useElements();
  const queries = useQueryClient();
  const session = useSessionState();
  const style = useElementStyle();
  const cardErrorId = useId();
  const consentId = useId();
  const { errors, report, formProps } = useFieldErrors();
  const [cardError, setCardError] = useState<string | null>(null);
  const isCardEmpty = useRef(true);
  const [setup] = useState(() => new CardSetup());
  const personName = session.status === 'active' ? session.person.name : '';

  const reload = () => queries.invalidateQueries({ queryKey: PAYMENT_METHODS_KEY });
  const add = useMutation({
    mutationFn: async (values: FormData): Promise<PaymentMethod | null> => {
      const element = elements?.getElement(CardElement);
      if (!stripe || !element) throw new ApiError(STRIPE_PROBLEM);
      const usage: Usage = values.has('off_session') ? 'off_session' : 'on_session';
      const tools: CardSetupTools = {
        createSetupIntent: (body) => createSetupIntent(api, body),
        confirmCardSetup: (clientSecret) =>
          stripe.confirmCardSetup(clientSecret, {
            payment_method: { card: element, billing_details: billingDetails(values) },
          }),
        attachPaymentMethod: (setupIntentId) => attachPaymentMethod(api, setupIntentId),
      };
      try {
        const card = await setup.save(usage, tools);
        return replaced ? await replaceCard(replaced, card, api) : card;
      } catch (error) {
        if (!(error instanceof CardInvalidError)) throw error;
        setCardError(error.message);
        element.focus();
        return null; // the form shows what to correct
      }
    },
    onSuccess: async (card) => {
      if (card === null) return;
      await reload();
      await onSaved(card);
    },
    // The new card may be saved although the replaced one could not be removed.
    onError: () => reload(),
  });

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (add.isPending) return;
    const values = new FormData(event.currentTarget);
    const missing = missingFields(values);
    report(missing);
    const isComplete = Object.keys(missing).length === 0;
    if (isCardEmpty.current) {
      setCardError(t`Enter the card’s details.`);
      if (isComplete) elements?.getElement(CardElement)?.focus();
      return;
    }
    if (isComplete) add.mutate(values);
  };
  return (
    <form className="form panel" {...formProps} onSubmit={submit} noValidate>
      {add.isError && <CardProblem problem={problemOf(add.error)} />}
      <TextField
        label={t`Name on card`}
        name="cardholder"
        autoComplete="cc-name"
        maxLength={200}
        defaultValue={replaced?.cardholder_name ?? personName}
        error={errors.cardholder}
      />
      <div className="field" role="group" aria-label={t`Card`} aria-describedby={cardErrorId}>
        <span className="label" aria-hidden="true">
          <Trans>Card</Trans>
        </span>
        <div className={cardError ? 'input stripe-field invalid' : 'input stripe-field'}>
          <CardElement
            options={{ style, hidePostalCode: true }}
            onChange={({ error, empty }) => {
              isCardEmpty.current = empty;
              setup.cardChanged();
              setCardError(error?.message ?? null);
            }}
          />
        </div>
        <p id={cardErrorId} className="field-error" aria-live="polite">
          {cardError}
        </p>
      </div>
      <BillingAddress errors={errors} initial={replaced?.billing_details.address ?? null} />
      <div className="field">
        <label className="checkbox">
          <input type="checkbox" name="off_session" aria-describedby={consentId} />
          <span>{consentTo('off_session')}</span>
        </label>
        <p id={consentId} className="field-hint">
          <Trans>You need not agree to this. If you do not: “{consentTo('on_session')}”</Trans>
        </p>
      </div>
      <SubmitButton busy={add.isPending}>
        <Trans>Save card</Trans>
      </SubmitButton>
      <button
        type="button"
        className="button button-secondary"
        aria-disabled={add.isPending}
        onClick={() => {
          if (!add.isPending) onCancel();
        }}
      >
        <Trans>Cancel</Trans>
      </button>
      <p className="small muted">
        <Trans>
          Your card number goes straight to Stripe. {shop} only sees the brand, the last four digits
          and the expiry date.
        </Trans>
      </p>
    </form>
  );
}

const required = (): Readonly<Record<string, string>> => ({
  cardholder: t`Enter the name on the card.`,
  country: t`Choose a country.`,
  line1: t`Enter the street address.`,
  city: t`Enter the town or city.`,
});

function missingFields(values: FormData): FieldErrors {
  const isMissing = (name: string): boolean => {
    const value = values.get(name);
    return typeof value !== 'string' || value.trim() === '';
  };
  return Object.fromEntries(Object.entries(required()).filter(([name]) => isMissing(name)));
}

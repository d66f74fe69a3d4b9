import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { CardCvcElement, useElements } from '@stripe/react-stripe-js';
import { type SubmitEvent, useEffect, useId, useRef, useState } from 'react';

import type { usePaymentMethods } from '@/api/listPaymentMethods';
import { explainProblem } from '@/components/explainProblem';
import { ShowMore } from '@/components/ShowMore';
import { SubmitButton } from '@/components/SubmitButton';
import { useElementStyle } from '@/components/useElementStyle';
import { cvcHint, isExpired } from '@/features/cards';
import { useNavigate } from '@/lib/routing';

import { CardChoice } from './CardChoice';
import type { PayOutcome, PayStep, PayTools, Price } from './pay';
import { PriceChanged } from './PriceChanged';
import { Refusal } from './Refusal';
import { usePay } from './usePay';

export interface CardAndCvcProps {
  /** What no two tabs pay for at the same time. */
  lock: string;
  cards: ReturnType<typeof usePaymentMethods>;
  /** The formatted total, for the button. */
  amount: string;
  shown: Price;
  /** The selected card, if any. */
  chosen: string | null;
  onChoose: (paymentMethodId: string) => void;
  onAddCard: () => void;
  /** The focus was elsewhere, and comes back to the cards. */
  focusOnCard: boolean;
  /** The card whose bank is waiting for the cardholder. It needs no security code. */
  challengedPaymentMethodId: string | null;
  pay: (choice: { paymentMethodId: string; shown: Price }, tools: PayTools) => Promise<PayOutcome>;
  onAcceptPrice: (price: Price) => void;
  onRefusePrice: () => unknown;
}

const steps = (): Readonly<Record<PayStep, string>> => ({
  elsewhere: t`You are paying for this in another tab. Waiting for it to finish…`,
  creating: t`Placing your order…`,
  tokenizing: t`Checking the security code…`,
  confirming: t`Waiting for your bank…`,
  authenticating: t`Your bank needs to confirm that it is you. Complete its check to continue.`,
  retrying: t`No answer yet. Trying again…`,
});

export function CardAndCvc({
  lock,
  cards,
  amount,
  shown,
  chosen,
  onChoose,
  onAddCard,
  focusOnCard,
  challengedPaymentMethodId,
  pay,
  onAcceptPrice,
  onRefusePrice,
}: CardAndCvcProps) {
  const { run, step } = usePay(lock);
  const elements = useElements();
  const navigate = useNavigate();
  const style = useElementStyle();
  const cvcId = useId();
  const chosenCard = useRef<HTMLFieldSetElement>(null);
  const [outcome, setOutcome] = useState<PayOutcome | null>(null);
  const [hasTried, setHasTried] = useState(false);
  const [cvcError, setCvcError] = useState<string | null>(null);
  // Another quantity is another order: what became of the last one no longer matters, but the code
  // that was typed stays.
  const [lastLock, setLastLock] = useState(lock);
  if (lastLock !== lock) {
    setLastLock(lock);
    setOutcome(null);
    setHasTried(false);
  }

  const saved = (cards.data?.pages ?? []).flatMap(({ data }) => data);
  const usable = saved.filter((card) => !isExpired(card));
  const card =
    usable.find(({ payment_method_id: id }) => id === chosen) ??
    usable.find((each) => each.default) ??
    usable[0];
  const bankWaits =
    challengedPaymentMethodId !== null && card?.payment_method_id === challengedPaymentMethodId;
  // After a failed attempt the bank may no longer be waiting, so a code may be needed.
  const asksForCvc = card !== undefined && (!bankWaits || hasTried);
  const busy = step !== null;
  // Stripe's field comes from Stripe, which takes a while on a slow line. A new field is another one.
  const [hasCvcField, setHasCvcField] = useState(false);
  if (!asksForCvc && hasCvcField) setHasCvcField(false);
  const waitsForField = asksForCvc && !hasCvcField;

  useEffect(() => {
    if (focusOnCard)
      chosenCard.current?.querySelector<HTMLElement>('input:checked, button')?.focus();
    // Only when the form comes back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const startPayment = async (price: Price) => {
    if (card === undefined || waitsForField) return;
    const choice = { paymentMethodId: card.payment_method_id, shown: price };
    const result = await run((tools) => {
      setOutcome(null);
      setCvcError(null);
      return pay(choice, tools);
    });
    if (result === null) return;
    const cvc = elements?.getElement(CardCvcElement);
    switch (result.kind) {
      case 'succeeded':
      case 'processing': {
        const before = result.kind === 'succeeded' && result.paidBefore ? '?before' : '';
        await navigate(`/payments/${result.payment.payment_id}/receipt${before}`, {
          replace: true,
        });
        return;
      }
      case 'cvc_invalid':
        setHasTried(true);
        setCvcError(result.message);
        cvc?.focus();
        return;
      case 'refused': {
        const { remedy } = explainProblem(result.problem);
        // The code was rejected, or the customer needs another card.
        if (remedy === 'reenter_cvc' || remedy === 'another_card') cvc?.clear();
        if (result.problem.code === 'payment_method_not_found') void cards.refetch();
        break;
      }
      case 'price_changed':
    }
    setHasTried(true);
    setOutcome(result);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void startPayment(shown);
  };
  const focusAnotherCard = () => {
    chosenCard.current
      ?.querySelector<HTMLElement>('input:not(:checked):not(:disabled), button')
      ?.focus();
  };

  return (
    <form className="form panel" onSubmit={submit} aria-busy={busy}>
      {outcome?.kind === 'refused' && !busy && (
        <Refusal
          problem={outcome.problem}
          onAnotherCard={focusAnotherCard}
          onCvc={() => elements?.getElement(CardCvcElement)?.focus()}
        />
      )}
      {outcome?.kind === 'price_changed' && !busy && (
        <PriceChanged
          shown={shown}
          payment={outcome.payment}
          onAccept={(price) => {
            onAcceptPrice(price);
            void startPayment(price);
          }}
          onRefuse={() => {
            setOutcome(null);
            void onRefusePrice();
          }}
        />
      )}
      <fieldset className="fieldset" ref={chosenCard} disabled={busy}>
        <legend>
          <Trans>Card</Trans>
        </legend>
        {saved.length === 0 && (
          <p className="muted">
            <Trans>You have no saved cards yet.</Trans>
          </p>
        )}
        {saved.map((each) => (
          <CardChoice
            key={each.payment_method_id}
            card={each}
            chosen={each === card}
            onChoose={() => {
              onChoose(each.payment_method_id);
              setCvcError(null);
              elements?.getElement(CardCvcElement)?.clear();
            }}
          />
        ))}
        <ShowMore query={cards} what={t`cards`} />
        <button type="button" className="button button-secondary" onClick={onAddCard}>
          <Trans>Add a card</Trans>
        </button>
      </fieldset>
      {asksForCvc && (
        <div className="field" role="group" aria-labelledby={`${cvcId}-label`}>
          <span className="label" id={`${cvcId}-label`}>
            <Trans>Security code (CVC)</Trans>
          </span>
          <div className={cvcError ? 'input stripe-field cvc invalid' : 'input stripe-field cvc'}>
            <CardCvcElement
              options={{ style, disabled: busy, placeholder: 'CVC' }}
              onReady={() => setHasCvcField(true)}
              onChange={({ error }) => setCvcError(error?.message ?? null)}
            />
          </div>
          <p className="field-error" aria-live="polite">
            {cvcError}
          </p>
          <p className="field-hint">{cvcHint(card.brand)}</p>
        </div>
      )}
      {card !== undefined && (
        <SubmitButton busy={busy || waitsForField}>
          {busy
            ? t`Paying…`
            : waitsForField
              ? t`Loading the security code field…`
              : bankWaits && !asksForCvc
                ? t`Continue and pay ${amount}`
                : t`Pay ${amount}`}
        </SubmitButton>
      )}
      <p className="pay-step" role="status">
        {step !== null && steps()[step]}
      </p>
    </form>
  );
}

import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { type SubmitEvent, useEffect, useId, useRef } from 'react';

import { type PaymentMethod, type PaymentMethodChange, useApi } from '@/api/client';
import { ApiError, problemOf } from '@/api/problem';
import { updatePaymentMethod } from '@/api/updatePaymentMethod';
import { SelectField, TextField } from '@/components/Field';
import { SubmitButton } from '@/components/SubmitButton';
import { useFieldErrors } from '@/components/useFieldErrors';

import { BillingAddress } from './BillingAddress';
import { cardLabel } from './brands';
import { cardChanges, changeErrors, refusedFields } from './cardChanges';
import { CardProblem } from './CardProblem';

const YEARS_AHEAD = 20;

/** Edit a card’s name, expiry and address. The browser gives the focus back when it closes. */
export function EditCardDialog({
  card,
  onSaved,
  onClose,
}: {
  card: PaymentMethod;
  onSaved: (card: PaymentMethod) => void;
  onClose: () => void;
}) {
  const api = useApi();
  const dialog = useRef<HTMLDialogElement>(null);
  const headingId = useId();
  const { errors, report, formProps } = useFieldErrors();
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();

  const update = useMutation({
    mutationFn: (change: PaymentMethodChange) =>
      updatePaymentMethod(api, card.payment_method_id, change),
    onSuccess: (changed) => {
      onSaved(changed);
      close();
    },
    onError: (error) => report(error instanceof ApiError ? refusedFields(error) : {}),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (update.isPending) return;
    const values = new FormData(event.currentTarget);
    const found = changeErrors(card, values);
    report(found);
    if (Object.keys(found).length > 0) return;
    const change = cardChanges(card, values);
    if (change === null) close();
    else update.mutate(change);
  };
  const thisYear = new Date().getFullYear();
  const years = Array.from({ length: YEARS_AHEAD + 1 }, (_, ahead) => thisYear + ahead);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={headingId} onClose={onClose}>
      <form className="form" {...formProps} onSubmit={submit} noValidate>
        <h2 id={headingId}>
          <Trans>Edit your {cardLabel(card)}</Trans>
        </h2>
        {update.isError && Object.keys(errors).length === 0 && (
          <CardProblem problem={problemOf(update.error)} />
        )}
        <TextField
          label={t`Name on card`}
          name="cardholder"
          autoComplete="cc-name"
          maxLength={200}
          defaultValue={card.billing_details.name ?? ''}
          error={errors.cardholder}
        />
        <div className="field-row">
          <SelectField
            label={t`Expiry month`}
            name="exp_month"
            autoComplete="cc-exp-month"
            defaultValue={card.exp_month}
            error={errors.exp_month}
          >
            {Array.from({ length: 12 }, (_, index) => (
              <option key={index} value={index + 1}>
                {String(index + 1).padStart(2, '0')}
              </option>
            ))}
          </SelectField>
          <SelectField
            label={t`Expiry year`}
            name="exp_year"
            autoComplete="cc-exp-year"
            defaultValue={card.exp_year}
            error={errors.exp_year}
          >
            {[...new Set([card.exp_year, ...years])].sort().map((year) => (
              <option key={year} value={year}>
                {year}
              </option>
            ))}
          </SelectField>
        </div>
        <BillingAddress errors={errors} initial={card.billing_details.address} />
        <SubmitButton busy={update.isPending}>
          <Trans>Save changes</Trans>
        </SubmitButton>
        <button type="button" className="button button-secondary" onClick={close}>
          <Trans>Cancel</Trans>
        </button>
      </form>
    </dialog>
  );
}

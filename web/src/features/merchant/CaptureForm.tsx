import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';

import { useApi } from '@/api/client';
import { TextField } from '@/components/Field';
import { SubmitButton } from '@/components/SubmitButton';
import { useFieldErrors } from '@/components/useFieldErrors';
import { formatTime } from '@/lib/dates';
import { textOf } from '@/lib/forms';
import { formatAmount } from '@/lib/money';

import { amountError, parseAmount, spellOut, typedAmount } from './amounts';
import { capturePayment } from './merchantApi';
import { MERCHANT_KEY } from './queries';
import { Question } from './Question';
import { StaffProblem } from './StaffProblem';
import type { PaymentDetails } from './types';

interface CaptureFormProps {
  payment: PaymentDetails;
  capturable: number;
  onDone: (text: string) => void;
}

/** Takes the money that the bank holds, or less, which releases the rest. */
export function CaptureForm({ payment, capturable, onDone }: CaptureFormProps) {
  const { payment_id: paymentId, currency, capture_before: deadline } = payment;
  const api = useApi();
  const queries = useQueryClient();
  const { errors, report, formProps } = useFieldErrors();
  const [asked, setAsked] = useState<number | null>(null);
  const reload = () => queries.invalidateQueries({ queryKey: MERCHANT_KEY });
  const capture = useMutation({
    mutationFn: (amount: number) => capturePayment(api, paymentId, amount),
    onSuccess: async (_, amount) => {
      await reload();
      setAsked(null);
      onDone(t`${formatAmount(amount, currency)} was captured.`);
    },
    onError: () => void reload(),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (capture.isPending) return;
    const amount = parseAmount(textOf(new FormData(event.currentTarget), 'amount'), currency);
    const error = amountError(amount, capturable, currency);
    report(error === null ? {} : { amount: error });
    if (error !== null) return;
    capture.reset();
    setAsked(amount);
  };
  return (
    <>
      <form
        className="form panel"
        aria-label={t`Capture`}
        {...formProps}
        onSubmit={submit}
        noValidate
      >
        <h2>
          <Trans>Capture</Trans>
        </h2>
        {capture.isError && asked === null && <StaffProblem error={capture.error} />}
        {deadline !== null && (
          <p>
            <Trans>
              The bank holds {formatAmount(capturable, currency)} until{' '}
              <time dateTime={deadline}>{formatTime(deadline)}</time>.
            </Trans>
          </p>
        )}
        <TextField
          label={t`Amount in ${currency.toUpperCase()}`}
          name="amount"
          inputMode="decimal"
          autoComplete="off"
          defaultValue={typedAmount(capturable, currency)}
          hint={t`At most ${formatAmount(capturable, currency)}. Less releases the rest.`}
          error={errors.amount}
        />
        <SubmitButton busy={capture.isPending}>
          <Trans>Capture …</Trans>
        </SubmitButton>
      </form>
      {asked !== null && (
        <Question
          title={t`Capture ${spellOut(asked, currency)}?`}
          confirm={t`Capture ${formatAmount(asked, currency)}`}
          busy={capture.isPending}
          error={capture.error}
          onConfirm={() => capture.mutate(asked)}
          onClose={() => setAsked(null)}
        >
          <p>
            {asked < capturable
              ? t`The other ${formatAmount(capturable - asked, currency)} goes back to the customer, and cannot be captured later.`
              : t`This is all that the bank holds.`}
          </p>
        </Question>
      )}
    </>
  );
}

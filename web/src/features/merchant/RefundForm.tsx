import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';

import { useApi } from '@/api/client';
import { ApiError } from '@/api/problem';
import { SelectField, TextField } from '@/components/Field';
import { SubmitButton } from '@/components/SubmitButton';
import { useFieldErrors } from '@/components/useFieldErrors';
import { textOf } from '@/lib/forms';
import { formatAmount } from '@/lib/money';

import { amountError, parseAmount, spellOut, typedAmount } from './amounts';
import { createRefund } from './merchantApi';
import { itemsOf, MERCHANT_KEY, useRefunds } from './queries';
import { Question } from './Question';
import { type RefundRequest, RefundRequests } from './refundRequests';
import { StaffProblem } from './StaffProblem';
import type { PaymentDetails, Refund, RefundReason } from './types';

// https://docs.stripe.com/api/refunds/create#create_refund-reason
const reasons = (): readonly (readonly [RefundReason, string])[] => [
  ['requested_by_customer', t`The customer asked for it`],
  ['duplicate', t`Paid twice`],
  ['fraudulent', t`Fraud: Stripe then blocks the card`],
];

interface RefundFormProps {
  payment: PaymentDetails;
  refundable: number;
  onDone: (text: string) => void;
}

/** Gives back a part of a payment, or the rest of it. */
export function RefundForm({ payment, refundable, onDone }: RefundFormProps) {
  const { payment_id: paymentId, currency } = payment;
  const api = useApi();
  const queries = useQueryClient();
  const known = useRefunds(paymentId);
  const { errors, report, formProps } = useFieldErrors();
  const [requests] = useState(() => new RefundRequests(sessionStorage));
  const [initial] = useState(() => requests.unanswered(paymentId));
  const [asked, setAsked] = useState<RefundRequest | null>(null);
  const reload = () => queries.invalidateQueries({ queryKey: MERCHANT_KEY });
  const refund = useMutation({
    mutationFn: (request: RefundRequest) =>
      createRefund(api, paymentId, request, requests.keyFor(paymentId, request)),
    onSuccess: async (made) => {
      const text = outcomeText(made, itemsOf(known.data) ?? []);
      requests.answered(paymentId);
      await reload();
      setAsked(null);
      onDone(text);
    },
    onError: (error) => {
      if (isRefusal(error)) requests.answered(paymentId);
      void reload();
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (refund.isPending) return;
    const form = new FormData(event.currentTarget);
    const typed = textOf(form, 'amount');
    const amount = parseAmount(typed, currency);
    const error = amountError(amount, refundable, currency);
    report(error === null ? {} : { amount: error });
    if (error !== null || amount === null) return;
    refund.reset();
    setAsked({
      amount,
      reason: reasons().find(([value]) => value === textOf(form, 'reason'))?.[0] ?? null,
      note: textOf(form, 'note').trim() || null,
    });
  };
  return (
    <>
      <form
        className="form panel"
        aria-label={t`Refund`}
        {...formProps}
        onSubmit={submit}
        noValidate
      >
        <h2>
          <Trans>Refund</Trans>
        </h2>
        {refund.isError && asked === null && <StaffProblem error={refund.error} />}
        {initial !== null && (
          <p>
            <Trans>
              Your last refund here, of {formatAmount(initial.amount, currency)}, has had no answer.
              Ask for the same again: it is not given twice.
            </Trans>
          </p>
        )}
        <TextField
          label={t`Amount in ${currency.toUpperCase()}`}
          name="amount"
          inputMode="decimal"
          autoComplete="off"
          defaultValue={typedAmount(initial?.amount ?? refundable, currency)}
          hint={t`At most ${formatAmount(refundable, currency)}.`}
          error={errors.amount}
        />
        <SelectField label={t`Reason`} name="reason" optional defaultValue={initial?.reason ?? ''}>
          <option value="">
            <Trans>None</Trans>
          </option>
          {reasons().map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t`Note`}
          name="note"
          optional
          maxLength={500}
          autoComplete="off"
          defaultValue={initial?.note ?? ''}
          hint={t`For your colleagues. The customer does not see it.`}
        />
        <SubmitButton busy={refund.isPending}>
          <Trans>Refund …</Trans>
        </SubmitButton>
      </form>
      {asked && (
        <Question
          title={t`Refund ${spellOut(asked.amount, currency)}?`}
          confirm={t`Refund ${formatAmount(asked.amount, currency)}`}
          busy={refund.isPending}
          error={refund.error}
          onConfirm={() => refund.mutate(asked)}
          onClose={() => setAsked(null)}
        >
          <p>
            <Trans>The customer paid {formatAmount(payment.amount_received, currency)}.</Trans>{' '}
            {asked.amount < refundable
              ? t`${formatAmount(refundable - asked.amount, currency)} can still be refunded after this.`
              : t`Nothing is left to refund after this.`}{' '}
            <Trans>The money goes back to their card. You cannot take this back.</Trans>
          </p>
        </Question>
      )}
    </>
  );
}

/** Whether the API has decided against it. After anything else it may have been made. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const { status } = error.problem;
  return status >= 400 && status < 500 && status !== 401 && status !== 429;
}

function outcomeText(refund: Refund, before: readonly Refund[]): string {
  const amount = formatAmount(refund.amount, refund.currency);
  if (before.some(({ refund_id: id }) => id === refund.refund_id)) {
    return t`This refund of ${amount} had already been made. Nothing was refunded twice.`;
  }
  switch (refund.status) {
    case 'succeeded':
      return t`${amount} was refunded.`;
    case 'failed':
    case 'canceled':
      return t`The refund of ${amount} did not go through.`;
    default:
      return t`The refund of ${amount} was started. It is not done yet: you see below what becomes of it.`;
  }
}

import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { useApi } from '@/api/client';

import { spellOut } from './amounts';
import { cancelPayment } from './merchantApi';
import { MERCHANT_KEY } from './queries';
import { Question } from './Question';
import { StaffProblem } from './StaffProblem';
import type { PaymentDetails } from './types';

interface CancelPaymentProps {
  payment: PaymentDetails;
  onDone: (text: string) => void;
}

/** Ends a payment that is not paid. */
export function CancelPayment({ payment, onDone }: CancelPaymentProps) {
  const { payment_id: paymentId, amount, currency, status } = payment;
  const api = useApi();
  const queries = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const reload = () => queries.invalidateQueries({ queryKey: MERCHANT_KEY });
  const cancel = useMutation({
    mutationFn: () => cancelPayment(api, paymentId),
    onSuccess: async () => {
      await reload();
      setAsked(false);
      onDone(t`The payment was cancelled.`);
    },
    onError: () => void reload(),
  });
  return (
    <section className="form panel" aria-label={t({ message: 'Cancel', context: 'end it' })}>
      <h2>
        <Trans context="end it">Cancel</Trans>
      </h2>
      {cancel.isError && !isAsked && <StaffProblem error={cancel.error} />}
      <p>
        {status === 'requires_capture'
          ? t`The bank releases what it holds.`
          : t`The customer can then no longer pay it.`}
      </p>
      <button
        type="button"
        className="button button-secondary"
        onClick={() => {
          cancel.reset();
          setAsked(true);
        }}
      >
        <Trans>Cancel the payment …</Trans>
      </button>
      {isAsked && (
        <Question
          title={t`Cancel the payment of ${spellOut(amount, currency)}?`}
          confirm={t`Cancel the payment`}
          busy={cancel.isPending}
          error={cancel.error}
          onConfirm={() => cancel.mutate()}
          onClose={() => setAsked(false)}
        >
          <p>
            {status === 'requires_capture'
              ? t`Nothing is charged, and the money is free again on the customer’s card.`
              : t`Nothing is charged. If the customer is paying at this very moment, Stripe decides, and you are told.`}{' '}
            <Trans>You cannot take this back.</Trans>
          </p>
        </Question>
      )}
    </section>
  );
}

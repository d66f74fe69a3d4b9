import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useLayoutEffect, useRef, useState } from 'react';

import { Alert } from '@/components/Alert';
import { TextField } from '@/components/Field';
import { SubmitButton } from '@/components/SubmitButton';
import { useFieldErrors } from '@/components/useFieldErrors';
import { IdentityAlert, MailboxHint, useSession } from '@/features/session';
import { codeOf, textOf } from '@/lib/forms';
import { useSearchParams } from '@/lib/routing';

import { emailErrors } from './accountForms';
import { Outcome } from './Outcome';

const STEP = 'new_email';

/** Two steps. The URL holds the address that waits for its code, so that it survives a reload. */
export function EmailAddress({ email }: { email: string }) {
  const session = useSession();
  const queries = useQueryClient();
  const [search, setSearch] = useSearchParams();
  const [outcome, setOutcome] = useState('');
  const heading = useRef<HTMLHeadingElement>(null);
  const waiting = search.get(STEP);
  const goTo = (address: string | null) => {
    const parameters = new URLSearchParams(search);
    if (address === null) parameters.delete(STEP);
    else parameters.set(STEP, address);
    setSearch(parameters, { replace: address === null });
  };
  const changed = async (address: string) => {
    await session.fetchIdToken({ forceRefresh: true });
    goTo(null);
    setOutcome(t`Your email address is now ${address}.`);
    heading.current?.focus();
    // It is by this request that Stripe learns it.
    await queries.invalidateQueries({ queryKey: ['account'] });
  };
  return (
    <section className="panel form" aria-labelledby="email-address">
      <h2 id="email-address" ref={heading} tabIndex={-1}>
        <Trans>Email address</Trans>
      </h2>
      {waiting === null ? (
        <NewAddress
          email={email}
          onChanged={changed}
          onSent={(address) => {
            setOutcome('');
            goTo(address);
          }}
        />
      ) : (
        <EnterCode
          address={waiting}
          onChanged={() => changed(waiting)}
          onBack={() => {
            goTo(null);
            setOutcome(t`Your email address is still ${email}.`);
            heading.current?.focus();
          }}
        />
      )}
      <Outcome>{outcome}</Outcome>
    </section>
  );
}

interface NewAddressProps {
  email: string;
  onSent: (address: string) => void;
  onChanged: (address: string) => Promise<void>;
}

function NewAddress({ email, onSent, onChanged }: NewAddressProps) {
  const session = useSession();
  const { errors, report, formProps } = useFieldErrors();
  const request = useMutation({
    mutationFn: (address: string) => session.change((identity) => identity.changeEmail(address)),
    onSuccess: (result, address) => (result === 'done' ? onChanged(address) : onSent(address)),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (request.isPending) return;
    const address = textOf(new FormData(event.currentTarget), 'new_email').trim();
    const found = emailErrors(address, email);
    report(found);
    request.reset();
    if (Object.keys(found).length === 0) request.mutate(address);
  };
  return (
    <>
      <p>
        <Trans>
          You log in with <strong>{email}</strong>, and we send your emails there.
        </Trans>
      </p>
      {request.isError && <IdentityAlert error={request.error} />}
      <form
        className="form"
        aria-labelledby="email-address"
        {...formProps}
        onSubmit={submit}
        noValidate
      >
        <TextField
          label={t`New email address`}
          name="new_email"
          type="email"
          autoComplete="email"
          maxLength={254}
          hint={t`We will send a code to it. Your present address stays until you have entered the code.`}
          error={errors.new_email}
        />
        <SubmitButton busy={request.isPending}>
          <Trans>Change email address</Trans>
        </SubmitButton>
      </form>
    </>
  );
}

interface EnterCodeProps {
  address: string;
  onChanged: () => Promise<void>;
  onBack: () => void;
}

function EnterCode({ address, onChanged, onBack }: EnterCodeProps) {
  const session = useSession();
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => form.current?.querySelector('input')?.focus(), []);
  const verify = useMutation({
    mutationFn: (code: string) => session.change((identity) => identity.verifyEmail(code)),
    onSuccess: onChanged,
  });
  const resend = useMutation({
    // To ask for the same change again is how Cognito sends another code.
    mutationFn: () => session.change((identity) => identity.changeEmail(address)),
    onMutate: () => verify.reset(),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (verify.isPending) return;
    resend.reset();
    verify.mutate(codeOf(new FormData(event.currentTarget)));
  };
  const error = verify.error ?? resend.error;
  return (
    <>
      {error === null ? (
        <Alert
          kind="info"
          title={
            resend.isSuccess
              ? t`We sent another code to ${address}`
              : t`We sent a code to ${address}`
          }
        >
          <MailboxHint />
        </Alert>
      ) : (
        <IdentityAlert error={error} />
      )}
      <form ref={form} className="form" aria-labelledby="email-address" onSubmit={submit}>
        <TextField
          label={t`Code from the email`}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
        />
        <SubmitButton busy={verify.isPending}>
          <Trans>Confirm new address</Trans>
        </SubmitButton>
      </form>
      <p className="actions">
        <button
          type="button"
          className="link"
          aria-disabled={resend.isPending}
          onClick={() => {
            if (!resend.isPending) resend.mutate();
          }}
        >
          <Trans>Send another code</Trans>
        </button>
        <button type="button" className="link" onClick={onBack}>
          <Trans>Keep the present address</Trans>
        </button>
      </p>
    </>
  );
}

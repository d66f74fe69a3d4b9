import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { SubmitEvent } from 'react';

import { Alert } from '@/components/Alert';
import { TextField } from '@/components/Field';
import { PageHeading } from '@/components/PageHeading';
import { SubmitButton } from '@/components/SubmitButton';
import { useFieldErrors } from '@/components/useFieldErrors';
import { codeOf, textOf } from '@/lib/forms';
import { Link, useNavigate, useSearchParams } from '@/lib/routing';

import { IdentityAlert } from './IdentityAlert';
import { MailboxHint } from './MailboxHint';
import { NewPasswordField } from './NewPasswordField';
import { isStrong } from './passwordRules';
import { useSession } from './useSession';

/** Two steps on one path. The URL holds the step, so that it survives a reload. */
export function ForgottenPasswordPage() {
  const [search] = useSearchParams();
  const email = search.get('email');
  return (
    <div className="narrow">
      {search.has('sent') && email !== null ? <NewPassword email={email} /> : <RequestCode />}
    </div>
  );
}

function RequestCode() {
  const session = useSession();
  const [search, setSearch] = useSearchParams();
  const request = useMutation({
    mutationFn: async (email: string) => (await session.identity()).requestPasswordReset(email),
    onSuccess: (_, email) => {
      const parameters = new URLSearchParams(search);
      parameters.set('email', email);
      parameters.set('sent', '');
      setSearch(parameters);
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (request.isPending) return;
    request.mutate(textOf(new FormData(event.currentTarget), 'email').trim());
  };
  return (
    <>
      <PageHeading title={t`Forgotten password`} />
      {request.isError && <IdentityAlert error={request.error} />}
      <form className="form panel" onSubmit={submit}>
        <TextField
          label={t`Email address`}
          name="email"
          type="email"
          autoComplete="username"
          defaultValue={search.get('email') ?? ''}
          hint={t`We will send you a code so that you can choose a new password.`}
        />
        <SubmitButton busy={request.isPending}>
          <Trans>Send code</Trans>
        </SubmitButton>
      </form>
      <p>
        <Link to={`/login?${search.toString()}`}>
          <Trans>Back to log in</Trans>
        </Link>
      </p>
    </>
  );
}

function NewPassword({ email }: { email: string }) {
  const session = useSession();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const { errors, report, formProps } = useFieldErrors();
  const reset = useMutation({
    mutationFn: async ({ code, password }: { code: string; password: string }) =>
      (await session.identity()).resetPassword(email, code, password),
    onSuccess: async () => {
      const parameters = new URLSearchParams(search);
      parameters.delete('sent');
      parameters.set('reset', '');
      await navigate(`/login?${parameters.toString()}`);
    },
  });
  const resend = useMutation({
    mutationFn: async () => (await session.identity()).requestPasswordReset(email),
    onMutate: () => reset.reset(),
  });
  const error = reset.error ?? resend.error;
  const otherAddress = new URLSearchParams(search);
  otherAddress.delete('sent');
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (reset.isPending) return;
    resend.reset();
    const values = new FormData(event.currentTarget);
    const password = textOf(values, 'password');
    if (!isStrong(password)) {
      report({ password: t`This password does not meet all the rules yet.` });
      return;
    }
    report({});
    reset.mutate({ code: codeOf(values), password });
  };
  return (
    <>
      <PageHeading title={t`Choose a new password`} />
      {error !== null ? (
        <IdentityAlert error={error} />
      ) : (
        <Alert
          kind="info"
          title={
            resend.isSuccess
              ? t`If ${email} is registered, we have sent another code to it`
              : t`If ${email} is registered, we have sent a code to it`
          }
        >
          <MailboxHint />
        </Alert>
      )}
      <form className="form panel" {...formProps} onSubmit={submit}>
        <TextField
          label={t`Code from the email`}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
        />
        <NewPasswordField label={t`New password`} error={errors.password} />
        <SubmitButton busy={reset.isPending}>
          <Trans>Set new password</Trans>
        </SubmitButton>
      </form>
      <p>
        <Trans>
          Didn’t get the code?{' '}
          <button
            type="button"
            className="link"
            aria-disabled={resend.isPending}
            onClick={() => {
              if (!resend.isPending) resend.mutate();
            }}
          >
            Send another code
          </button>
        </Trans>
      </p>
      <p>
        <Link to={`/forgot-password?${otherAddress.toString()}`}>
          <Trans>Use another email address</Trans>
        </Link>
      </p>
      <p>
        <Link to={`/login?${otherAddress.toString()}`}>
          <Trans>Back to log in</Trans>
        </Link>
      </p>
    </>
  );
}

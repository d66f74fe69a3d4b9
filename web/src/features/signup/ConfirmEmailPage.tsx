import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { SubmitEvent } from 'react';

import { Alert } from '@/components/Alert';
import { TextField } from '@/components/Field';
import { PageHeading } from '@/components/PageHeading';
import { SubmitButton } from '@/components/SubmitButton';
import {
  IdentityAlert,
  IdentityError,
  MailboxHint,
  nextPath,
  useSession,
} from '@/features/session';
import { codeOf, textOf } from '@/lib/forms';
import { Link, useNavigate, useSearchParams } from '@/lib/routing';

export function ConfirmEmailPage() {
  const session = useSession();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const email = search.get('email') ?? '';
  const loginAddress = (confirmed: boolean) => {
    const parameters = new URLSearchParams({ email, next: nextPath(search) });
    if (confirmed) parameters.set('confirmed', '');
    return `/login?${parameters.toString()}`;
  };
  const confirm = useMutation({
    mutationFn: async (values: { email: string; code: string }) =>
      (await session.identity()).confirmEmail(values.email, values.code),
    onSuccess: async (_, { email }) => {
      const isLoggedIn = await session.logInWithKeptPassword(email);
      await navigate(isLoggedIn ? nextPath(search) : loginAddress(true));
    },
  });
  const resend = useMutation({
    mutationFn: async () => (await session.identity()).resendCode(email),
    onMutate: () => confirm.reset(),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (confirm.isPending) return;
    resend.reset();
    const form = new FormData(event.currentTarget);
    confirm.mutate({
      email: email || textOf(form, 'email').trim(),
      code: codeOf(form),
    });
  };
  const error = confirm.error ?? resend.error;
  const isConfirmed = error instanceof IdentityError && error.code === 'already_confirmed';
  return (
    <div className="narrow">
      <PageHeading title={t`Confirm your email address`} />
      {error !== null && <IdentityAlert error={error} />}
      {error === null && (
        <Alert
          kind="info"
          title={
            resend.isSuccess
              ? t`We sent another code to ${email}`
              : email === ''
                ? t`We sent a code to your email address`
                : t`We sent a code to ${email}`
          }
        >
          <MailboxHint />
        </Alert>
      )}
      <form className="form panel" onSubmit={submit}>
        {email === '' && (
          <TextField label={t`Email address`} name="email" type="email" autoComplete="username" />
        )}
        <TextField
          label={t`Code from the email`}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
        />
        <SubmitButton busy={confirm.isPending}>
          <Trans>Confirm</Trans>
        </SubmitButton>
      </form>
      {email !== '' && (
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
      )}
      <p>
        <Link to={loginAddress(false)}>
          {isConfirmed ? t`Log in` : t`Already confirmed? Log in`}
        </Link>
      </p>
    </div>
  );
}

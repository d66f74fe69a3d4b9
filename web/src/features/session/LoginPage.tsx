import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';

import { Alert } from '@/components/Alert';
import { TextField } from '@/components/Field';
import { PageHeading } from '@/components/PageHeading';
import { SubmitButton } from '@/components/SubmitButton';
import { textOf } from '@/lib/forms';
import { Link, Navigate, useNavigate, useSearchParams } from '@/lib/routing';

import { IdentityAlert } from './IdentityAlert';
import { nextPath } from './nextPath';
import { OneTimeCodeForm } from './OneTimeCodeForm';
import { useSession, useSessionState } from './useSession';

export function LoginPage() {
  const session = useSession();
  const state = useSessionState();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [email, setEmail] = useState(
    search.get('email') ?? (state.status === 'expired' ? state.email : ''),
  );
  const [codeFor, setCodeFor] = useState<string | null>(null);
  const login = useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) =>
      session.logIn(email, password),
    onSuccess: async (result, { email }) => {
      if (result === 'code_required') setCodeFor(email);
      if (result === 'confirmation_required') {
        const parameters = new URLSearchParams({ email, next: nextPath(search) });
        await navigate(`/confirm?${parameters.toString()}`);
      }
    },
  });
  if (state.status === 'active') return <Navigate to={nextPath(search)} replace />;

  if (codeFor !== null) {
    return (
      <OneTimeCodeForm
        email={codeFor}
        onBack={() => {
          setCodeFor(null);
        }}
      />
    );
  }

  /** What was typed goes along to the next screen. */
  const withEmail = () => {
    const parameters = new URLSearchParams(search);
    parameters.set('email', email.trim());
    return parameters.toString();
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (login.isPending) return;
    const form = new FormData(event.currentTarget);
    login.mutate({ email: textOf(form, 'email').trim(), password: textOf(form, 'password') });
  };
  return (
    <div className="narrow">
      <PageHeading title={t`Log in`} />
      {state.status === 'expired' && !login.isError && (
        <Alert kind="info" title={t`Your session has ended`}>
          <p>
            <Trans>Log in again to continue where you left off. We have kept your order.</Trans>
          </p>
        </Alert>
      )}
      {search.has('confirmed') && !login.isError && (
        <Alert kind="success" title={t`Your email address is confirmed`}>
          <p>
            <Trans>Log in to start shopping.</Trans>
          </p>
        </Alert>
      )}
      {search.has('reset') && !login.isError && (
        <Alert kind="success" title={t`Your password has been changed`}>
          <p>
            <Trans>Log in with your new password.</Trans>
          </p>
        </Alert>
      )}
      {login.isError && <IdentityAlert error={login.error} />}
      <form className="form panel" onSubmit={submit}>
        <TextField
          label={t`Email address`}
          name="email"
          type="email"
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label={t`Password`}
          name="password"
          type="password"
          autoComplete="current-password"
          hint={
            <Link to={`/forgot-password?${withEmail()}`}>
              <Trans>Forgotten your password?</Trans>
            </Link>
          }
        />
        <SubmitButton busy={login.isPending}>
          <Trans>Log in</Trans>
        </SubmitButton>
      </form>
      <p>
        <Trans>
          New here? <Link to={`/register?${search.toString()}`}>Register</Link>
        </Trans>
      </p>
    </div>
  );
}

import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';

import { TextField } from '@/components/Field';
import { SubmitButton } from '@/components/SubmitButton';
import { useFieldErrors } from '@/components/useFieldErrors';
import { IdentityAlert, IdentityError, NewPasswordField, useSession } from '@/features/session';
import { textOf } from '@/lib/forms';

import { passwordErrors } from './accountForms';
import { Outcome } from './Outcome';

export function Password({ email }: { email: string }) {
  const session = useSession();
  const { errors, report, formProps } = useFieldErrors();
  const [changes, setChanges] = useState(0);
  const change = useMutation({
    mutationFn: ({ current, password }: { current: string; password: string }) =>
      session.change((identity) => identity.changePassword(current, password)),
    onSuccess: () => setChanges(changes + 1),
    onError: (error) => {
      if (isWrongPassword(error)) {
        report({ current_password: t`This is not your current password.` });
      }
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (change.isPending) return;
    const values = new FormData(event.currentTarget);
    const current = textOf(values, 'current_password');
    const password = textOf(values, 'password');
    const found = passwordErrors(current, password);
    report(found);
    change.reset();
    if (Object.keys(found).length === 0) change.mutate({ current, password });
  };
  return (
    <form
      className="form panel"
      aria-labelledby="password"
      {...formProps}
      onSubmit={submit}
      noValidate
    >
      <h2 id="password">
        <Trans>Password</Trans>
      </h2>
      {change.isError && !isWrongPassword(change.error) && <IdentityAlert error={change.error} />}
      {/* For password managers: whose password this is. */}
      <input type="text" autoComplete="username" value={email} readOnly hidden />
      <div className="form" key={changes}>
        <TextField
          label={t`Current password`}
          name="current_password"
          type="password"
          autoComplete="current-password"
          maxLength={256}
          error={errors.current_password}
        />
        <NewPasswordField label={t`New password`} error={errors.password} />
      </div>
      <SubmitButton busy={change.isPending}>
        <Trans>Change password</Trans>
      </SubmitButton>
      <Outcome>
        {change.isSuccess &&
          t`Your password has been changed. Your other devices stay logged in until you log out everywhere.`}
      </Outcome>
    </form>
  );
}

function isWrongPassword(error: unknown): boolean {
  return error instanceof IdentityError && error.code === 'wrong_credentials';
}

import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { SubmitEvent } from 'react';

import { TextField } from '@/components/Field';
import { PageHeading } from '@/components/PageHeading';
import { SubmitButton } from '@/components/SubmitButton';
import { codeOf } from '@/lib/forms';

import { IdentityAlert } from './IdentityAlert';
import { useSession } from './useSession';

/** The second step of a login: a code of the person's authenticator app. */
export function OneTimeCodeForm({ email, onBack }: { email: string; onBack: () => void }) {
  const session = useSession();
  const entering = useMutation({
    mutationFn: (code: string) => session.enterOneTimeCode(code),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (entering.isPending) return;
    // Apps show it in two groups.
    entering.mutate(codeOf(new FormData(event.currentTarget)));
  };
  return (
    <div className="narrow">
      <PageHeading title={t`Enter your code`} />
      {entering.isError && <IdentityAlert error={entering.error} />}
      <form className="form panel" onSubmit={submit}>
        <TextField
          label={t`One-time code`}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          hint={t`Your authenticator app shows it, for ${email}.`}
        />
        <SubmitButton busy={entering.isPending}>
          <Trans>Log in</Trans>
        </SubmitButton>
      </form>
      <p>
        <button type="button" className="link" onClick={onBack}>
          <Trans>Back to the password</Trans>
        </button>
      </p>
    </div>
  );
}

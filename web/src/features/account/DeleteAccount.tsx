import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { SubmitEvent } from 'react';

import { useApi } from '@/api/client';
import { deleteAccount } from '@/api/deleteAccount';
import { problemOf } from '@/api/problem';
import { TextField } from '@/components/Field';
import { ProblemAlert } from '@/components/ProblemAlert';
import { SubmitButton } from '@/components/SubmitButton';
import { useFieldErrors } from '@/components/useFieldErrors';
import { useSession } from '@/features/session';
import { textOf } from '@/lib/forms';
import { useNavigate } from '@/lib/routing';

import { confirmationErrors, deleteWord } from './accountForms';

export function DeleteAccount() {
  const api = useApi();
  const session = useSession();
  const navigate = useNavigate();
  const { errors, report, formProps } = useFieldErrors();
  const deletion = useMutation({
    mutationFn: () => deleteAccount(api),
    onSuccess: async (account) => {
      // Leave first: this screen would redirect to the login page.
      await navigate('/account/deleted', { state: account.deletion });
      await session.logOut();
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (deletion.isPending) return;
    const found = confirmationErrors(textOf(new FormData(event.currentTarget), 'confirmation'));
    report(found);
    if (Object.keys(found).length === 0) deletion.mutate();
  };
  return (
    <form
      className="form panel"
      aria-labelledby="delete"
      {...formProps}
      onSubmit={submit}
      noValidate
    >
      <h2 id="delete">
        <Trans>Delete your account</Trans>
      </h2>
      {deletion.isError && <ProblemAlert problem={problemOf(deletion.error)} />}
      <ul className="bullets">
        <li>
          <Trans>We log you out on all devices at once. You can buy nothing more.</Trans>
        </li>
        <li>
          <Trans>
            After a waiting period we erase your name, email address, phone and cards. You will see
            the date. Until then, the shop can keep your account if you ask it to.
          </Trans>
        </li>
        <li>
          <Trans>
            An open payment, a dispute or a subscription puts this off until it is over.
          </Trans>
        </li>
        <li>
          <Trans>
            The amounts and dates of your payments stay, without your name: the shop has to keep its
            books.
          </Trans>
        </li>
      </ul>
      <TextField
        label={t`Type “${deleteWord()}” to confirm`}
        name="confirmation"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        error={errors.confirmation}
      />
      <SubmitButton busy={deletion.isPending} danger>
        <Trans>Delete my account</Trans>
      </SubmitButton>
    </form>
  );
}

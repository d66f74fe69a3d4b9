import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SubmitEvent } from 'react';

import { type Account, type AccountChange, useApi } from '@/api/client';
import { ApiError, problemOf } from '@/api/problem';
import { updateAccount } from '@/api/updateAccount';
import { TextField } from '@/components/Field';
import { ProblemAlert } from '@/components/ProblemAlert';
import { SubmitButton } from '@/components/SubmitButton';
import { useFieldErrors } from '@/components/useFieldErrors';
import { useSession } from '@/features/session';

import { checkedProfile } from './accountForms';
import { Outcome } from './Outcome';

export function NameAndPhone({ account }: { account: Account }) {
  const api = useApi();
  const session = useSession();
  const queries = useQueryClient();
  const { errors, report, formProps } = useFieldErrors();
  const change = useMutation({
    mutationFn: (body: AccountChange) => updateAccount(api, body),
    onSuccess: async (changed) => {
      queries.setQueryData(['account'], changed);
      // The name in the header comes from the token. If that fails, it is only out of date.
      await session.fetchIdToken({ forceRefresh: true }).catch(console.warn);
    },
    onError: (error) => {
      const fields = error instanceof ApiError ? (error.problem.errors ?? []) : [];
      report(Object.fromEntries(fields.map(({ field, message }) => [field, message])));
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (change.isPending) return;
    const checked = checkedProfile(new FormData(event.currentTarget));
    report(checked.errors);
    change.reset();
    if (checked.body) change.mutate(checked.body);
  };
  return (
    <form
      className="form panel"
      aria-labelledby="profile"
      {...formProps}
      onSubmit={submit}
      noValidate
    >
      <h2 id="profile">
        <Trans>Name and phone</Trans>
      </h2>
      {change.isError && <ProblemAlert problem={problemOf(change.error)} />}
      <TextField
        label={t`Name`}
        name="name"
        autoComplete="name"
        maxLength={200}
        defaultValue={account.name}
        error={errors.name}
      />
      <TextField
        label={t`Phone`}
        name="phone"
        type="tel"
        autoComplete="tel"
        optional
        placeholder="+44 20 7946 0000"
        hint={t`Include the country code, starting with +. Leave it empty to remove the number.`}
        defaultValue={account.phone ?? ''}
        error={errors.phone}
      />
      <SubmitButton busy={change.isPending}>
        <Trans>Save</Trans>
      </SubmitButton>
      <Outcome>{change.isSuccess && t`Your name and phone have been saved.`}</Outcome>
    </form>
  );
}

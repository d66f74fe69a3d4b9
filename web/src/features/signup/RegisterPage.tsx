import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';

import { useApi } from '@/api/client';
import { ApiError, problemOf } from '@/api/problem';
import { signup } from '@/api/signup';
import { SelectField, TextField } from '@/components/Field';
import { PageHeading } from '@/components/PageHeading';
import { ProblemAlert } from '@/components/ProblemAlert';
import { SubmitButton } from '@/components/SubmitButton';
import { useFieldErrors } from '@/components/useFieldErrors';
import { NewPasswordField, nextPath, useSession } from '@/features/session';
import { Link, useNavigate, useSearchParams } from '@/lib/routing';
import { useShop } from '@/lib/useConfig';

import { checkedRegistration } from './registration';

export function RegisterPage() {
  const api = useApi();
  const navigate = useNavigate();
  const session = useSession();
  const [search] = useSearchParams();
  const { errors, report, formProps } = useFieldErrors();
  const { asks } = useShop();
  const [describesGender, setDescribesGender] = useState(false);
  const registration = useMutation({
    mutationFn: (body: Parameters<typeof signup>[1]) => signup(api, body),
    onSuccess: async ({ confirmation_required: required, email }, { password }) => {
      session.keepPassword(email, password);
      if (!required && (await session.logInWithKeptPassword(email))) {
        await navigate(nextPath(search));
        return;
      }
      const parameters = new URLSearchParams({ email, next: nextPath(search) });
      const path = required ? 'confirm' : 'login';
      await navigate(`/${path}?${parameters.toString()}`);
    },
    onError: (error) => {
      const fields = error instanceof ApiError ? (error.problem.errors ?? []) : [];
      report(Object.fromEntries(fields.map(({ field, message }) => [field, message])));
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (registration.isPending) return;
    const checked = checkedRegistration(new FormData(event.currentTarget));
    report(checked.errors);
    if (checked.body) registration.mutate(checked.body);
  };
  const problem = registration.isError ? problemOf(registration.error) : null;
  return (
    <div className="narrow">
      <PageHeading title={t`Register`} />
      {problem && (
        <ProblemAlert problem={problem}>
          {problem.code === 'user_exists' && (
            <p>
              <Link to={`/login?${search.toString()}`}>
                <Trans>Log in</Trans>
              </Link>
            </p>
          )}
        </ProblemAlert>
      )}
      <form className="form panel" {...formProps} onSubmit={submit} noValidate>
        <TextField
          label={t`Name`}
          name="name"
          autoComplete="name"
          maxLength={200}
          error={errors.name}
        />
        <TextField
          label={t`Email address`}
          name="email"
          type="email"
          autoComplete="username"
          maxLength={254}
          error={errors.email}
        />
        <TextField
          label={t`Phone`}
          name="phone"
          type="tel"
          autoComplete="tel"
          optional
          placeholder="+44 20 7946 0000"
          hint={t`Include the country code, starting with +.`}
          error={errors.phone}
        />
        <NewPasswordField label={t`Password`} error={errors.password} />
        {asks.includes('birthdate') && (
          <TextField
            label={t`Date of birth`}
            name="birthdate"
            type="date"
            autoComplete="bday"
            optional
            error={errors.birthdate}
          />
        )}
        {asks.includes('gender') && (
          <SelectField
            label={t`Gender`}
            name="gender"
            optional
            autoComplete="sex"
            error={describesGender ? undefined : errors.gender}
            onChange={(event) => setDescribesGender(event.target.value === 'other')}
          >
            <option value="">
              <Trans>I’d rather not say</Trans>
            </option>
            <option value="female">
              <Trans>Female</Trans>
            </option>
            <option value="male">
              <Trans>Male</Trans>
            </option>
            <option value="non-binary">
              <Trans>Non-binary</Trans>
            </option>
            <option value="other">
              <Trans>In my own words</Trans>
            </option>
          </SelectField>
        )}
        {describesGender && (
          <TextField
            label={t`Gender, in your own words`}
            name="gender_description"
            maxLength={50}
            error={errors.gender}
          />
        )}
        <SubmitButton busy={registration.isPending}>
          <Trans>Register</Trans>
        </SubmitButton>
      </form>
      <p>
        <Trans>
          Already registered? <Link to={`/login?${search.toString()}`}>Log in</Link>
        </Trans>
      </p>
    </div>
  );
}

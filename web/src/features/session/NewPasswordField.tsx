import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useState } from 'react';

import { Field } from '@/components/Field';

import { PASSWORD_RULES } from './passwordRules';

/** A new password. It shows which rules are met while the user types. */
export function NewPasswordField({ label, error }: { label: string; error?: string | undefined }) {
  const [password, setPassword] = useState('');
  const [visible, setVisible] = useState(false);
  const missing = PASSWORD_RULES.filter(({ holds }) => !holds(password));
  const missingNames = missing.map(({ name }) => name()).join(', ');
  return (
    <Field
      label={label}
      error={error}
      hint={
        <ul className="rules">
          {PASSWORD_RULES.map(({ name, holds }) => (
            <li key={name()} className={holds(password) ? 'rule-met' : undefined}>
              {name()}
              <span className="visually-hidden">{holds(password) ? t`, met` : t`, missing`}</span>
            </li>
          ))}
        </ul>
      }
    >
      {(control) => (
        <>
          <div className="input-group">
            <input
              className="input"
              name="password"
              type={visible ? 'text' : 'password'}
              autoComplete="new-password"
              required
              maxLength={256}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              {...control}
            />
            <button
              type="button"
              className="button button-quiet"
              aria-pressed={visible}
              onClick={() => setVisible(!visible)}
            >
              <Trans>
                Show<span className="visually-hidden"> password</span>
              </Trans>
            </button>
          </div>
          <p className="visually-hidden" role="status">
            {password !== '' &&
              (missing.length === 0
                ? t`The password meets all the rules.`
                : t`Still missing: ${missingNames}.`)}
          </p>
        </>
      )}
    </Field>
  );
}

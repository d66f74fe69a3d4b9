import { Trans } from '@lingui/react/macro';
import { type ComponentProps, type ReactNode, useId } from 'react';

interface FieldProps {
  label: string;
  error?: string | undefined;
  hint?: ReactNode;
  optional?: boolean;
}

/** The attributes that link a control to its label, hint and error. */
export interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
}

/** A control with its label, hint and error. */
export function Field({
  label,
  error,
  hint,
  optional = false,
  children,
}: FieldProps & { children: (control: ControlProps) => ReactNode }) {
  const id = useId();
  const hintId = hint === undefined ? null : `${id}-hint`;
  const errorId = error === undefined ? null : `${id}-error`;
  const describedBy = [errorId, hintId].filter((part) => part !== null).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {optional && (
          <span className="muted">
            {' '}
            <Trans>(optional)</Trans>
          </span>
        )}
      </label>
      {children({
        id,
        'aria-describedby': describedBy === '' ? undefined : describedBy,
        'aria-invalid': error !== undefined,
      })}
      {errorId !== null && (
        <p id={errorId} className="field-error">
          {error}
        </p>
      )}
      {hintId !== null && (
        <div id={hintId} className="field-hint">
          {hint}
        </div>
      )}
    </div>
  );
}

export function TextField({
  label,
  error,
  hint,
  optional,
  ...input
}: FieldProps & ComponentProps<'input'>) {
  return (
    <Field label={label} error={error} hint={hint} optional={optional ?? false}>
      {(control) => (
        <input className="input" required={optional !== true} {...input} {...control} />
      )}
    </Field>
  );
}

export function SelectField({
  label,
  error,
  hint,
  optional,
  children,
  ...select
}: FieldProps & ComponentProps<'select'>) {
  return (
    <Field label={label} error={error} hint={hint} optional={optional ?? false}>
      {(control) => (
        <select className="input" required={optional !== true} {...select} {...control}>
          {children}
        </select>
      )}
    </Field>
  );
}

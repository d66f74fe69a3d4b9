import { type InputEventHandler, type RefObject, useLayoutEffect, useRef, useState } from 'react';

/** Errors by field name. */
export type FieldErrors = Readonly<Record<string, string>>;

interface FieldErrorsOfForm {
  errors: FieldErrors;
  /** Show these errors, and move the focus to the first invalid field. */
  report: (errors: FieldErrors) => void;
  /** Spread these on the form. Typing in a field clears its error. */
  formProps: { ref: RefObject<HTMLFormElement | null>; onInput: InputEventHandler };
}

export function useFieldErrors(): FieldErrorsOfForm {
  const ref = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [reported, setReported] = useState<FieldErrors>({});
  const report = (found: FieldErrors) => {
    setErrors(found);
    setReported(found);
  };
  useLayoutEffect(() => {
    ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [reported]);
  const onInput: InputEventHandler = ({ target }) => {
    const { name } = target as HTMLInputElement;
    if (!(name in errors)) return;
    setErrors(Object.fromEntries(Object.entries(errors).filter(([field]) => field !== name)));
  };
  return { errors, report, formProps: { ref, onInput } };
}

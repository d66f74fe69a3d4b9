/** A code as people copy it from an email or an app, say in two groups. */
export function codeOf(form: FormData): string {
  return textOf(form, 'code').replaceAll(/\s/g, '');
}

/** A text field's value; an empty string for a file or a missing field. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

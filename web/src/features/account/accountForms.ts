import { t } from '@lingui/core/macro';

import type { AccountChange } from '@/api/client';
import type { FieldErrors } from '@/components/useFieldErrors';
import { isStrong } from '@/features/session';
import { emailError, isEmail, isPhone, phoneError, plainPhone } from '@/lib/contact';
import { textOf } from '@/lib/forms';

/** What somebody has to type before their account is deleted. */
export const deleteWord = () => t`delete`;

/** The change that a completed form asks for, or the errors in it. */
export function checkedProfile(form: FormData): {
  body: AccountChange | null;
  errors: FieldErrors;
} {
  const name = textOf(form, 'name').trim();
  const phone = plainPhone(textOf(form, 'phone'));
  const errors: Record<string, string> = {};
  if (name === '') errors.name = t`Enter your name.`;
  if (phone !== '' && !isPhone(phone)) errors.phone = phoneError();
  if (Object.keys(errors).length > 0) return { body: null, errors };
  return { body: { name, phone: phone === '' ? null : phone }, errors };
}

export function emailErrors(email: string, current: string): FieldErrors {
  if (!isEmail(email)) return { new_email: emailError() };
  if (email.toLowerCase() === current.toLowerCase()) {
    return { new_email: t`This is your email address already.` };
  }
  return {};
}

export function passwordErrors(current: string, password: string): FieldErrors {
  const errors: Record<string, string> = {};
  if (current === '') errors.current_password = t`Enter your current password.`;
  if (!isStrong(password)) errors.password = t`This password does not meet all the rules yet.`;
  else if (password === current) errors.password = t`This is your password already.`;
  return errors;
}

export function confirmationErrors(typed: string): FieldErrors {
  const word = deleteWord();
  if (typed.trim().toLowerCase() === word) return {};
  return { confirmation: t`Type the word “${word}”.` };
}

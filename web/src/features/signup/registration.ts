import { t } from '@lingui/core/macro';

import type { SignupRequest } from '@/api/client';
import type { FieldErrors } from '@/components/useFieldErrors';
import { isStrong } from '@/features/session';
import { emailError, isEmail, isPhone, phoneError, plainPhone } from '@/lib/contact';
import { textOf } from '@/lib/forms';

/** The request body for a completed form, or the errors in it. */
export function checkedRegistration(
  form: FormData,
  today: string = new Date().toISOString().slice(0, 10),
): { body: SignupRequest | null; errors: FieldErrors } {
  const name = textOf(form, 'name').trim();
  const email = textOf(form, 'email').trim();
  const phone = plainPhone(textOf(form, 'phone'));
  const password = textOf(form, 'password');
  const birthdate = textOf(form, 'birthdate');
  const choice = textOf(form, 'gender');
  const gender = choice === 'other' ? textOf(form, 'gender_description').trim() : choice;

  const errors: Record<string, string> = {};
  if (name === '') errors.name = t`Enter your name.`;
  if (!isEmail(email)) errors.email = emailError();
  if (phone !== '' && !isPhone(phone)) errors.phone = phoneError();
  if (!isStrong(password)) errors.password = t`This password does not meet all the rules yet.`;
  if (birthdate > today) errors.birthdate = t`Enter a date in the past.`;
  if (Object.keys(errors).length > 0) return { body: null, errors };
  return {
    errors,
    body: {
      name,
      email,
      password,
      ...(phone !== '' && { phone }),
      ...(birthdate !== '' && { birthdate }),
      ...(gender !== '' && { gender }),
    },
  };
}

import { t } from '@lingui/core/macro';

const EMAIL = /^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/;
const PHONE = /^\+[1-9][0-9]{6,14}$/;

export function isEmail(text: string): boolean {
  return EMAIL.test(text);
}

export function isPhone(text: string): boolean {
  return PHONE.test(text);
}

/** The number as the API takes it, without what people type to make it readable. */
export function plainPhone(text: string): string {
  return text.replace(/[\s().-]/g, '');
}

export const emailError = () => t`Enter an email address, such as ada@example.com.`;
export const phoneError = () =>
  t`Enter the number with its country code, such as +44 20 7946 0000.`;

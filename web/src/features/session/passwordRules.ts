import { t } from '@lingui/core/macro';

/** The user pool's password policy. */
export const PASSWORD_RULES = [
  { name: () => t`at least 12 characters`, holds: (password: string) => password.length >= 12 },
  { name: () => t`an upper case letter`, holds: (password: string) => /[A-Z]/.test(password) },
  { name: () => t`a lower case letter`, holds: (password: string) => /[a-z]/.test(password) },
  { name: () => t`a digit`, holds: (password: string) => /[0-9]/.test(password) },
] as const;

export function isStrong(password: string): boolean {
  return PASSWORD_RULES.every(({ holds }) => holds(password));
}

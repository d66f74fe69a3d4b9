import { IdentityError, type IdentityErrorCode } from './identity';

/** What a person is told when the identity provider refused. */
const MESSAGES: Readonly<Record<IdentityErrorCode, { title: string; advice: string }>> = {
  wrong_credentials: {
    title: 'Email address and password do not match',
    advice: 'Check both and try again, or choose a new password.',
  },
  wrong_code: {
    title: 'This is not the code we sent',
    advice: 'Check the code in your latest email, or ask for a new one.',
  },
  expired_code: {
    title: 'This code is no longer valid',
    advice: 'Ask for a new one.',
  },
  already_confirmed: {
    title: 'This email address is already confirmed',
    advice: 'You can log in.',
  },
  password_rejected: {
    title: 'This password is not strong enough',
    advice: 'Use at least 12 characters, with upper and lower case letters and a digit.',
  },
  rate_limited: {
    title: 'Too many attempts',
    advice: 'Wait a few minutes and try again.',
  },
  network_error: {
    title: 'The connection was lost',
    advice: 'Check your network and try again.',
  },
  unknown: {
    title: 'That did not work',
    advice: 'Try again in a moment.',
  },
};

export function identityMessage(error: unknown): { title: string; advice: string } {
  return MESSAGES[error instanceof IdentityError ? error.code : 'unknown'];
}

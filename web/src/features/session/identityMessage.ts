import { IdentityError, type IdentityErrorCode } from './identity';

/** What we tell the user about an error from the identity provider. */
const MESSAGES: Readonly<Record<IdentityErrorCode, { title: string; advice: string }>> = {
  wrong_credentials: {
    title: 'Wrong email address or password',
    advice: 'Check both and try again, or reset your password.',
  },
  wrong_code: {
    title: 'This is not the code we sent you',
    advice: 'Check the code in your latest email, or ask for a new one.',
  },
  expired_code: {
    title: 'This code is no longer valid',
    advice: 'Ask for a new one.',
  },
  wrong_one_time_code: {
    title: 'This is not the code in your app',
    advice: 'Enter the code that your authenticator app shows for this shop now.',
  },
  used_one_time_code: {
    title: 'This code has been used already',
    advice: 'Wait until your app shows the next one, half a minute at most.',
  },
  login_expired: {
    title: 'That took too long',
    advice: 'Enter your password again, and then a new code.',
  },
  already_confirmed: {
    title: 'This email address is already confirmed',
    advice: 'You can log in.',
  },
  email_taken: {
    title: 'This email address is already in use',
    advice: 'Choose another one. If the other account is yours, log in there.',
  },
  session_ended: {
    title: 'Your session has ended',
    advice: 'Log in again to continue where you left off.',
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
    advice: 'Check your internet connection and try again.',
  },
  unknown: {
    title: 'That did not work',
    advice: 'Try again in a moment.',
  },
};

export function identityMessage(error: unknown): { title: string; advice: string } {
  return MESSAGES[error instanceof IdentityError ? error.code : 'unknown'];
}

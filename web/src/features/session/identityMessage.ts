import { i18n, type MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';

import { IdentityError, type IdentityErrorCode } from './identity';

/** What we tell the user about an error from the identity provider. */
const MESSAGES: Readonly<Record<IdentityErrorCode, Record<'title' | 'advice', MessageDescriptor>>> =
  {
    wrong_credentials: {
      title: msg`Wrong email address or password`,
      advice: msg`Check both and try again, or reset your password.`,
    },
    wrong_code: {
      title: msg`This is not the code we sent you`,
      advice: msg`Check the code in your latest email, or ask for a new one.`,
    },
    expired_code: {
      title: msg`This code is no longer valid`,
      advice: msg`Ask for a new one.`,
    },
    wrong_one_time_code: {
      title: msg`This is not the code in your app`,
      advice: msg`Enter the code that your authenticator app shows for this shop now.`,
    },
    used_one_time_code: {
      title: msg`This code has been used already`,
      advice: msg`Wait until your app shows the next one, half a minute at most.`,
    },
    login_expired: {
      title: msg`That took too long`,
      advice: msg`Enter your password again, and then a new code.`,
    },
    already_confirmed: {
      title: msg`This email address is already confirmed`,
      advice: msg`You can log in.`,
    },
    email_taken: {
      title: msg`This email address is already in use`,
      advice: msg`Choose another one. If the other account is yours, log in there.`,
    },
    session_ended: {
      title: msg`Your session has ended`,
      advice: msg`Log in again to continue where you left off.`,
    },
    password_rejected: {
      title: msg`This password is not strong enough`,
      advice: msg`Use at least 12 characters, with upper and lower case letters and a digit.`,
    },
    rate_limited: {
      title: msg`Too many attempts`,
      advice: msg`Wait a few minutes and try again.`,
    },
    network_error: {
      title: msg`The connection was lost`,
      advice: msg`Check your internet connection and try again.`,
    },
    unknown: {
      title: msg`That did not work`,
      advice: msg`Try again in a moment.`,
    },
  };

export function identityMessage(error: unknown): { title: string; advice: string } {
  const { title, advice } = MESSAGES[error instanceof IdentityError ? error.code : 'unknown'];
  return { title: i18n._(title), advice: i18n._(advice) };
}

/**
 * Cognito through Amplify: SRP, so that the password never leaves the browser.
 *
 * Loaded only when someone logs in or is logged in: the first screen does not need it.
 */
import { Amplify } from 'aws-amplify';
import {
  confirmResetPassword,
  confirmSignIn,
  confirmSignUp,
  confirmUserAttribute,
  fetchAuthSession,
  fetchMFAPreference,
  resendSignUpCode,
  resetPassword,
  setUpTOTP,
  signIn,
  signOut,
  updateMFAPreference,
  updatePassword,
  updateUserAttributes,
  verifyTOTPSetup,
} from 'aws-amplify/auth';

import type { Config } from '@/lib/config';

import {
  type Identity,
  IdentityError,
  type IdentityErrorCode,
  type IdToken,
  type StaffRole,
} from './identity';

export function cognito(config: Config): Identity {
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: config.user_pool_id,
        userPoolClientId: config.user_pool_client_id,
        ...(config.cognito_endpoint !== undefined && { userPoolEndpoint: config.cognito_endpoint }),
      },
    },
  });
  return {
    async logIn(email, password) {
      await translateErrors(signOut({ global: false }));
      const { isSignedIn, nextStep } = await translateErrors(signIn({ username: email, password }));
      if (isSignedIn) return 'done';
      if (nextStep.signInStep === 'CONFIRM_SIGN_UP') return 'confirmation_required';
      if (nextStep.signInStep === 'CONFIRM_SIGN_IN_WITH_TOTP_CODE') return 'code_required';
      throw new IdentityError('unknown', { cause: nextStep.signInStep });
    },
    async enterOneTimeCode(code) {
      try {
        await confirmSignIn({ challengeResponse: code });
      } catch (error) {
        const name = codeOf(error);
        throw new IdentityError(ONE_TIME_CODES[name] ?? name, { cause: error });
      }
    },
    async fetchIdToken(forceRefresh) {
      const { tokens } = await translateErrors(fetchAuthSession({ forceRefresh }));
      return tokens?.idToken ? idTokenOf(tokens.idToken) : null;
    },
    async logOut() {
      await translateErrors(signOut());
    },
    async confirmEmail(email, code) {
      await translateErrors(confirmSignUp({ username: email, confirmationCode: code }));
    },
    async resendCode(email) {
      await translateErrors(resendSignUpCode({ username: email }));
    },
    async requestPasswordReset(email) {
      await translateErrors(resetPassword({ username: email }));
    },
    async resetPassword(email, code, password) {
      await translateErrors(
        confirmResetPassword({ username: email, confirmationCode: code, newPassword: password }),
      );
    },
    async changeEmail(email) {
      const { email: change } = await translateErrors(
        updateUserAttributes({ userAttributes: { email } }),
      );
      return change.nextStep.updateAttributeStep === 'DONE' ? 'done' : 'code_sent';
    },
    async verifyEmail(code) {
      await translateErrors(
        confirmUserAttribute({ userAttributeKey: 'email', confirmationCode: code }),
      );
    },
    async changePassword(current, password) {
      await translateErrors(updatePassword({ oldPassword: current, newPassword: password }));
    },
    async hasOneTimeCodes() {
      const { enabled } = await translateErrors(fetchMFAPreference());
      return enabled?.includes('TOTP') ?? false;
    },
    async startOneTimeCodes(label) {
      const details = await translateErrors(setUpTOTP());
      return { secret: details.sharedSecret, uri: details.getSetupUri(ISSUER, label).href };
    },
    async verifyOneTimeCodes(code) {
      await translateErrors(verifyTOTPSetup({ code }));
      await translateErrors(updateMFAPreference({ totp: 'PREFERRED' }));
    },
  };
}

// What an app for one-time codes shows beside the email address.
const ISSUER = 'Till';

// The user pool's group of those who have asked for their account to be deleted.
const DELETION_REQUESTED = 'deletion-requested';
// The groups of staff; who is in both may do what the first one may.
const STAFF_ROLES: readonly StaffRole[] = ['merchant', 'support'];

function idTokenOf(token: { toString(): string; payload: Record<string, unknown> }): IdToken {
  const claim = (name: string): string => {
    const value = token.payload[name];
    return typeof value === 'string' ? value : '';
  };
  const claimed = token.payload['cognito:groups'];
  const groups: unknown[] = Array.isArray(claimed) ? claimed : [];
  const staff = STAFF_ROLES.find((role) => groups.includes(role));
  return {
    jwt: token.toString(),
    userId: claim('sub'),
    email: claim('email'),
    name: claim('name'),
    beingDeleted: groups.includes(DELETION_REQUESTED),
    ...(staff && { staff }),
  };
}

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
const CODES: Readonly<Record<string, IdentityErrorCode>> = {
  UserNotFoundException: 'wrong_credentials',
  CodeMismatchException: 'wrong_code',
  EnableSoftwareTokenMFAException: 'wrong_code', // of an app that is being set up
  ExpiredCodeException: 'expired_code',
  AliasExistsException: 'email_taken',
  SignInException: 'login_expired', // Amplify's: there is no login to continue
  UserUnAuthenticatedException: 'session_ended', // Amplify's: it has no tokens left
  InvalidPasswordException: 'password_rejected',
  LimitExceededException: 'rate_limited',
  TooManyRequestsException: 'rate_limited',
  TooManyFailedAttemptsException: 'rate_limited',
  NetworkError: 'network_error',
};

/** What these mean while somebody enters a one-time code. */
const ONE_TIME_CODES: Partial<Record<IdentityErrorCode, IdentityErrorCode>> = {
  wrong_code: 'wrong_one_time_code',
  expired_code: 'used_one_time_code',
  // Cognito remembers for three minutes that the password was right.
  wrong_credentials: 'login_expired',
};

async function translateErrors<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw new IdentityError(codeOf(error), { cause: error });
  }
}

function codeOf(error: unknown): IdentityErrorCode {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name !== 'NotAuthorizedException') return CODES[error.name] ?? 'unknown';
  // One name for four errors: only the message tells them apart.
  if (error.message.includes('CONFIRMED')) return 'already_confirmed';
  if (error.message.includes('attempts exceeded')) return 'rate_limited';
  if (/token/i.test(error.message)) return 'session_ended';
  return 'wrong_credentials';
}

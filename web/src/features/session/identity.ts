/** What the app needs from the identity provider. */
export interface Identity {
  logIn(email: string, password: string): Promise<LogInResult>;
  /** The second step of a login, for whoever has an app for one-time codes. */
  enterOneTimeCode(code: string): Promise<void>;
  /** The ID token, refreshed if necessary; null if nobody is logged in, or no longer. */
  fetchIdToken(forceRefresh: boolean): Promise<IdToken | null>;
  logOut(): Promise<void>;
  confirmEmail(email: string, code: string): Promise<void>;
  resendCode(email: string): Promise<void>;
  requestPasswordReset(email: string): Promise<void>;
  resetPassword(email: string, code: string, password: string): Promise<void>;
  /** Change the logged-in person's address; again for another code. It counts once it is verified. */
  changeEmail(email: string): Promise<'done' | 'code_sent'>;
  verifyEmail(code: string): Promise<void>;
  changePassword(current: string, password: string): Promise<void>;
  /** Whether the logged-in person has an app for one-time codes. */
  hasOneTimeCodes(): Promise<boolean>;
  /** A new secret for such an app. It counts once a code of it is verified. */
  startOneTimeCodes(label: string): Promise<OneTimeCodeSecret>;
  verifyOneTimeCodes(code: string): Promise<void>;
}

export type LogInResult = 'done' | 'confirmation_required' | 'code_required';

export interface OneTimeCodeSecret {
  readonly secret: string;
  /** The same for a QR code: otpauth://totp/… */
  readonly uri: string;
}

export interface IdToken {
  readonly jwt: string;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  /** They have asked for their account to be deleted. */
  readonly beingDeleted: boolean;
  /** What they may do in the merchant's console. Absent for everybody who only shops. */
  readonly staff?: StaffRole;
}

/** A group of the user pool: `support` may read and refund, `merchant` may do everything. */
export type StaffRole = 'support' | 'merchant';

export type IdentityErrorCode =
  | 'wrong_credentials'
  | 'wrong_code'
  | 'expired_code'
  | 'wrong_one_time_code'
  | 'used_one_time_code'
  | 'login_expired'
  | 'already_confirmed'
  | 'email_taken'
  | 'session_ended'
  | 'password_rejected'
  | 'rate_limited'
  | 'network_error'
  | 'unknown';

export class IdentityError extends Error {
  override name = 'IdentityError';
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

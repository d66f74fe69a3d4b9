/** What the app needs from the identity provider. */
export interface Identity {
  logIn(email: string, password: string): Promise<'done' | 'confirmation_required'>;
  /** The ID token, refreshed if necessary; null if nobody is logged in, or no longer. */
  fetchIdToken(forceRefresh: boolean): Promise<IdToken | null>;
  logOut(): Promise<void>;
  confirmEmail(email: string, code: string): Promise<void>;
  resendCode(email: string): Promise<void>;
  requestPasswordReset(email: string): Promise<void>;
  resetPassword(email: string, code: string, password: string): Promise<void>;
}

export interface IdToken {
  readonly jwt: string;
  readonly email: string;
  readonly name: string;
}

export type IdentityErrorCode =
  | 'wrong_credentials'
  | 'wrong_code'
  | 'expired_code'
  | 'already_confirmed'
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

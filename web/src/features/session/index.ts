export { IdentityAlert } from './IdentityAlert';
export { IdentityError, type StaffRole } from './identity';
export { MailboxHint } from './MailboxHint';
export { NewPasswordField } from './NewPasswordField';
export { nextPath } from './nextPath';
export { isStrong } from './passwordRules';
export type { Person, Session } from './session';
export { useSession, useSessionState } from './useSession';

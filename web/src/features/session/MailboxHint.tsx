import { useConfig } from '@/lib/useConfig';

/** Where to find the email on a stage that sends none. */
export function MailboxHint() {
  const { mailbox_hint: hint } = useConfig();
  return hint === undefined ? null : <p className="small">{hint}</p>;
}

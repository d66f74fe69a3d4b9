import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useEffect } from 'react';

import type { Account } from '@/api/client';
import { useAccount } from '@/api/getAccount';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { type Session, useSession, useSessionState } from '@/features/session';

import { DeleteAccount } from './DeleteAccount';
import { DeletionNotice } from './DeletionNotice';
import { DownloadData } from './DownloadData';
import { EmailAddress } from './EmailAddress';
import { LogOutEverywhere } from './LogOutEverywhere';
import { NameAndPhone } from './NameAndPhone';
import { Password } from './Password';

export function AccountPage() {
  const account = useAccount();
  const { refetch } = account;
  const session = useSession();
  const state = useSessionState();
  const isBeingDeleted = state.status === 'active' && state.person.beingDeleted;
  useEffect(() => {
    if (account.data) tellSession(session, account.data);
  }, [session, account.data]);
  useEffect(() => {
    // A refusal here, or another tab, has told of a deletion: find out when it is.
    if (isBeingDeleted) void refetch({ cancelRefetch: false });
  }, [isBeingDeleted, refetch]);
  if (state.status !== 'active') return null;
  const { name, email } = state.person;
  const who = name === '' ? email : `${name}, ${email}`;
  const isOpen = account.data?.deletion == null;
  return (
    <div className="narrow">
      <PageHeading title={t`Your account`} />
      <p>
        <Trans>You are logged in as {who}.</Trans>
      </p>
      {account.isPending && <Loading what={t`your account`} />}
      {account.isError && <LoadError error={account.error} onRetry={refetch} />}
      {account.data?.deletion != null && <DeletionNotice deletion={account.data.deletion} />}
      {account.data && isOpen && (
        <>
          <NameAndPhone account={account.data} />
          <EmailAddress email={email} />
          <Password email={email} />
        </>
      )}
      {account.data && <DownloadData />}
      {isOpen && <LogOutEverywhere />}
      {account.data && isOpen && <DeleteAccount />}
    </div>
  );
}

/** Let the other screens know of a deletion, and of one that the shop has taken back. */
function tellSession(session: Session, { deletion }: Account): void {
  const state = session.state();
  const known = state.status === 'active' && state.person.beingDeleted;
  if (deletion !== null) session.accountBeingDeleted();
  else if (known) void session.fetchIdToken({ forceRefresh: true }).catch(console.warn);
}

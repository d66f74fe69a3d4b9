import { useMutation } from '@tanstack/react-query';
import { useNavigate } from 'react-router';

import { useApi } from '@/api/client';
import { problemOf } from '@/api/problem';
import { signOut } from '@/api/signOut';
import { PageHeading } from '@/components/PageHeading';
import { ProblemAlert } from '@/components/ProblemAlert';
import { SubmitButton } from '@/components/SubmitButton';

import { useSession, useSessionState } from './useSession';

export function AccountPage() {
  const api = useApi();
  const session = useSession();
  const state = useSessionState();
  const navigate = useNavigate();
  const everywhere = useMutation({
    mutationFn: () => signOut(api),
    onSuccess: async () => {
      // Leave first: this screen would redirect to the login page.
      await navigate('/', { flushSync: true });
      await session.logOut();
    },
  });
  if (state.status !== 'active') return null;
  const { name, email } = state.person;
  return (
    <div className="narrow">
      <PageHeading title="Your account" />
      {everywhere.isError && <ProblemAlert problem={problemOf(everywhere.error)} />}
      <p>You are logged in as {name === '' ? email : `${name}, ${email}`}.</p>
      <form
        className="form panel"
        onSubmit={(event) => {
          event.preventDefault();
          if (!everywhere.isPending) everywhere.mutate();
        }}
      >
        <h2>Log out on all devices</h2>
        <p>
          This ends every session, here and elsewhere. Do it if you have lost a device, or if you
          left yourself logged in on somebody else’s.
        </p>
        <SubmitButton busy={everywhere.isPending}>Log out everywhere</SubmitButton>
      </form>
    </div>
  );
}

import { useMutation } from '@tanstack/react-query';
import { useNavigate } from 'react-router';

import { useApi } from '@/api/client';
import { problemOf } from '@/api/problem';
import { signOut } from '@/api/signOut';
import { ProblemAlert } from '@/components/ProblemAlert';
import { SubmitButton } from '@/components/SubmitButton';
import { useSession } from '@/features/session';

export function LogOutEverywhere() {
  const api = useApi();
  const session = useSession();
  const navigate = useNavigate();
  const everywhere = useMutation({
    mutationFn: () => signOut(api),
    onSuccess: async () => {
      // Leave first: this screen would redirect to the login page.
      await navigate('/', { flushSync: true });
      await session.logOut();
    },
  });
  return (
    <form
      className="form panel"
      aria-labelledby="log-out"
      onSubmit={(event) => {
        event.preventDefault();
        if (!everywhere.isPending) everywhere.mutate();
      }}
    >
      <h2 id="log-out">Log out on all devices</h2>
      {everywhere.isError && <ProblemAlert problem={problemOf(everywhere.error)} />}
      <p>
        This ends every session, here and elsewhere. Do it if you have lost a device, or if you left
        yourself logged in on somebody else’s.
      </p>
      <SubmitButton busy={everywhere.isPending}>Log out everywhere</SubmitButton>
    </form>
  );
}

import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';

import { useApi } from '@/api/client';
import { problemOf } from '@/api/problem';
import { signOut } from '@/api/signOut';
import { ProblemAlert } from '@/components/ProblemAlert';
import { SubmitButton } from '@/components/SubmitButton';
import { useSession } from '@/features/session';
import { useNavigate } from '@/lib/routing';

export function LogOutEverywhere() {
  const api = useApi();
  const session = useSession();
  const navigate = useNavigate();
  const everywhere = useMutation({
    mutationFn: () => signOut(api),
    onSuccess: async () => {
      // Leave first: this screen would redirect to the login page.
      await navigate('/');
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
      <h2 id="log-out">
        <Trans>Log out on all devices</Trans>
      </h2>
      {everywhere.isError && <ProblemAlert problem={problemOf(everywhere.error)} />}
      <p>
        <Trans>
          This ends every session, here and elsewhere. Do it if you have lost a device, or if you
          left yourself logged in on somebody else’s.
        </Trans>
      </p>
      <SubmitButton busy={everywhere.isPending}>
        <Trans>Log out everywhere</Trans>
      </SubmitButton>
    </form>
  );
}

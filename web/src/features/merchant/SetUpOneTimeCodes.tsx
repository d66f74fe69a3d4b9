import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { QRCodeSVG } from 'qrcode.react';
import type { SubmitEvent } from 'react';

import { Alert } from '@/components/Alert';
import { TextField } from '@/components/Field';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { SubmitButton } from '@/components/SubmitButton';
import { IdentityAlert, IdentityError, useSession } from '@/features/session';
import { textOf } from '@/lib/forms';
import { useNavigate } from '@/lib/routing';

/** Staff need an app for one-time codes. Once it is set up, they log in again, with a code. */
export function SetUpOneTimeCodes({ email }: { email: string }) {
  const session = useSession();
  const navigate = useNavigate();
  const secret = useQuery({
    queryKey: ['one-time-codes', 'secret'],
    queryFn: () => session.change((identity) => identity.startOneTimeCodes(email)),
    // A second secret would make the one that was scanned worthless.
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  const verify = useMutation({
    mutationFn: (code: string) => session.change((identity) => identity.verifyOneTimeCodes(code)),
    onSuccess: async () => {
      await navigate('/login?next=/merchant');
      await session.logOut();
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = textOf(new FormData(event.currentTarget), 'code').replaceAll(/\s/g, '');
    if (!verify.isPending) verify.mutate(code);
  };
  return (
    <div className="narrow">
      <PageHeading title={t`Set up one-time codes`} />
      <p>
        <Trans>
          The console needs a second proof that it is you: a code from an app, such as the one that
          keeps your passwords. From now on, you enter one whenever you log in.
        </Trans>
      </p>
      {secret.isPending && <Loading what={t`the code`} blocks={1} />}
      {secret.isError && (
        <>
          <IdentityAlert error={secret.error} />
          <button
            type="button"
            className="button button-secondary"
            onClick={() => void secret.refetch()}
          >
            <Trans>Try again</Trans>
          </button>
        </>
      )}
      {secret.data && (
        <form className="form panel" aria-label={t`One-time codes`} onSubmit={submit}>
          {verify.isError && <VerifyProblem error={verify.error} />}
          <h2>
            <Trans>1. Scan this in the app</Trans>
          </h2>
          {/* Dark on light, also in dark mode: some cameras read nothing else. */}
          <QRCodeSVG
            className="qr-code"
            value={secret.data.uri}
            size={200}
            marginSize={4}
            title={t`QR code for your app`}
          />
          <p>
            <Trans>
              Or enter this secret in the app: <code>{secret.data.secret}</code>
            </Trans>
          </p>
          <h2>
            <Trans>2. Enter the code that it shows</Trans>
          </h2>
          <TextField
            label={t`Six digits`}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={7}
          />
          <p>
            <Trans>You then log in again, with another code.</Trans>
          </p>
          <SubmitButton busy={verify.isPending}>
            <Trans>Finish</Trans>
          </SubmitButton>
        </form>
      )}
    </div>
  );
}

function VerifyProblem({ error }: { error: unknown }) {
  if (!(error instanceof IdentityError && error.code === 'wrong_code')) {
    return <IdentityAlert error={error} />;
  }
  return (
    <Alert title={t`This code does not fit`} cause={error}>
      <p>
        <Trans>
          Enter the newest one. If it happens again, check that your device’s clock is right.
        </Trans>
      </p>
    </Alert>
  );
}

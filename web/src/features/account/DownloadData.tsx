import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';

import { type Api, useApi } from '@/api/client';
import { exportAccount } from '@/api/exportAccount';
import { problemOf } from '@/api/problem';
import { ProblemAlert } from '@/components/ProblemAlert';
import { SubmitButton } from '@/components/SubmitButton';
import { saveFile } from '@/lib/saveFile';

import { Outcome } from './Outcome';

const FILE_NAME = 'till-my-data.json';

export function DownloadData() {
  const api = useApi();
  const download = useMutation({ mutationFn: () => downloadData(api) });
  return (
    <form
      className="form panel"
      aria-labelledby="data"
      onSubmit={(event) => {
        event.preventDefault();
        if (!download.isPending) download.mutate();
      }}
    >
      <h2 id="data">
        <Trans>Your data</Trans>
      </h2>
      {download.isError && <ProblemAlert problem={problemOf(download.error)} />}
      <p>
        <Trans>
          Everything that we keep about you, as a JSON file: your account, your cards without their
          numbers, and your payments with their history.
        </Trans>
      </p>
      <SubmitButton busy={download.isPending}>
        <Trans>Download my data</Trans>
      </SubmitButton>
      <Outcome>{download.isSuccess && t`Your data is in ${FILE_NAME}.`}</Outcome>
    </form>
  );
}

async function downloadData(api: Api): Promise<void> {
  const everything = await exportAccount(api);
  saveFile(FILE_NAME, 'application/json', `${JSON.stringify(everything, null, 2)}\n`);
}

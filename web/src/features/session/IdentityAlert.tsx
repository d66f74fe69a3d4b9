import { Alert } from '@/components/Alert';

import { identityMessage } from './identityMessage';

export function IdentityAlert({ error }: { error: unknown }) {
  const { title, advice } = identityMessage(error);
  return (
    <Alert title={title} cause={error}>
      <p>{advice}</p>
    </Alert>
  );
}

import type { Payment } from '@/api/client';

import { statusText } from './status';

export function StatusBadge({ payment }: { payment: Payment }) {
  const { label, tone } = statusText(payment);
  return <span className={`badge badge-${tone}`}>{label}</span>;
}

import type { StatusText } from './staffStatus';

export function Badge({ status: { label, tone } }: { status: StatusText }) {
  return <span className={`badge badge-${tone}`}>{label}</span>;
}

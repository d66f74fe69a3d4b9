import { Trans } from '@lingui/react/macro';

interface LoadingProps {
  what: string;
  blocks?: number;
  /** The blocks are where products will be. */
  asProducts?: boolean;
}

/** Grey placeholder blocks, and a text for screen readers. */
export function Loading({ what, blocks = 3, asProducts = false }: LoadingProps) {
  return (
    <div className={asProducts ? 'loading products' : 'loading'}>
      <p role="status" className="visually-hidden">
        <Trans>Loading {what}…</Trans>
      </p>
      {Array.from({ length: blocks }, (_, index) => (
        <div key={index} className="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

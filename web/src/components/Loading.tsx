import { Trans } from '@lingui/react/macro';

/** Grey placeholder blocks, and a text for screen readers. */
export function Loading({ what, blocks = 3 }: { what: string; blocks?: number }) {
  return (
    <div className="loading">
      <p role="status" className="visually-hidden">
        <Trans>Loading {what}…</Trans>
      </p>
      {Array.from({ length: blocks }, (_, index) => (
        <div key={index} className="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

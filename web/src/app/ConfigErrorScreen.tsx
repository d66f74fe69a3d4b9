import { Trans } from '@lingui/react/macro';

/** Shown instead of the app when its configuration cannot be loaded. */
export function ConfigErrorScreen({ reason }: { reason: string }) {
  return (
    <main className="narrow">
      <h1>
        <Trans>The shop could not start</Trans>
      </h1>
      <div className="alert alert-error" role="alert">
        <p>
          <Trans>
            We could not load the site’s configuration. Try reloading the page in a moment.
          </Trans>
        </p>
        <p className="small">
          <Trans>
            If you run this site, serve <code>/config.json</code> alongside the app. {reason}
          </Trans>
        </p>
      </div>
      <p>
        <button type="button" className="button button-secondary" onClick={() => location.reload()}>
          <Trans>Reload</Trans>
        </button>
      </p>
    </main>
  );
}

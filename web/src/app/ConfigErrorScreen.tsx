/** Shown instead of the app when its configuration cannot be loaded. */
export function ConfigErrorScreen({ reason }: { reason: string }) {
  return (
    <main className="narrow">
      <h1>Till could not start</h1>
      <div className="alert alert-error" role="alert">
        <p>We could not load the site’s configuration. Try reloading the page in a moment.</p>
        <p className="small">
          If you run this site, serve <code>/config.json</code> alongside the app. {reason}
        </p>
      </div>
      <p>
        <button type="button" className="button button-secondary" onClick={() => location.reload()}>
          Reload
        </button>
      </p>
    </main>
  );
}

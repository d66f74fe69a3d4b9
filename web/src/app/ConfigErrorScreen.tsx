/** Instead of the app, when it does not know where its parts are. */
export function ConfigErrorScreen({ reason }: { reason: string }) {
  return (
    <main className="narrow">
      <h1>Till cannot start</h1>
      <div className="alert alert-error" role="alert">
        <p>The configuration of this site could not be read. Reload the page in a moment.</p>
        <p className="small">
          For whoever runs it: <code>/config.json</code> has to be served beside the app. {reason}
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

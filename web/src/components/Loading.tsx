/** Grey blocks in the shape of what is to come, and a word for those who do not see them. */
export function Loading({ what, blocks = 3 }: { what: string; blocks?: number }) {
  return (
    <div className="loading">
      <p role="status" className="visually-hidden">
        Loading {what}…
      </p>
      {Array.from({ length: blocks }, (_, index) => (
        <div key={index} className="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

/**
 * Run something in one tab at a time. `onWait` is called if another tab is at it.
 *
 * Browsers have locks on secure origins only. Elsewhere, say at a laptop's LAN address, it just runs.
 * https://developer.mozilla.org/en-US/docs/Web/API/Web_Locks_API
 */
export async function withLock<Result>(
  name: string,
  run: () => Promise<Result>,
  { onWait }: { onWait: () => void },
): Promise<Result> {
  const locks = 'locks' in navigator ? navigator.locks : null;
  if (locks === null) return run();
  const done = await locks.request(name, { ifAvailable: true }, async (lock) =>
    lock === null ? null : { result: await run() },
  );
  if (done !== null) return done.result;
  onWait();
  return locks.request(name, run);
}

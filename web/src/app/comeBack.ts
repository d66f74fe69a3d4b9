/**
 * Bring back a screen whose code could not be loaded.
 *
 * Without a network, wait until the site can be reached, then reload. With one, a new release has
 * probably removed the old code: reload once, and not again if that does not help. Reloading is
 * needed, because browsers remember modules that failed:
 * https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-single-module-script
 */
export interface Chances {
  isReachable: () => Promise<boolean>;
  /** Resolves when it is worth another look; rejects when nobody waits any more. */
  nextChance: () => Promise<void>;
  reload: () => void;
  storage: Storage;
  /** Which release and which screen. */
  failed: string;
}

const RELOADED_FOR = 'till.reloaded-for';

export async function comeBack(chances: Chances): Promise<void> {
  const { isReachable, nextChance, reload, storage, failed } = chances;
  if (await isReachable()) {
    if (storage.getItem(RELOADED_FOR) === failed) return;
    storage.setItem(RELOADED_FOR, failed);
    reload();
    return;
  }
  do await nextChance();
  while (!(await isReachable()));
  reload();
}

/** Whether this is about code that could not be loaded. Each browser says it in its own words. */
export function isLoadFailure(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|importing a module script|unable to preload css/i.test(
      error.message,
    )
  );
}

export async function isSiteReachable(): Promise<boolean> {
  try {
    return (await fetch('/', { method: 'HEAD', cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

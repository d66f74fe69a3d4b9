import { afterEach, expect, it, vi } from 'vitest';

import { withLock } from './withLock';

/** Locks as a browser has them, for one holder at a time. */
function fakeLocks() {
  let last: Promise<unknown> = Promise.resolve();
  let held = false;
  return {
    async request(_name: string, ...more: unknown[]) {
      const run = more.at(-1) as (lock: object | null) => Promise<unknown>;
      if (more.length > 1 && held) return run(null);
      const hold = async () => {
        held = true;
        try {
          return await run({});
        } finally {
          held = false;
        }
      };
      const done = held ? last.then(hold) : hold();
      last = done.catch(() => undefined);
      return done;
    },
  };
}

afterEach(() => vi.unstubAllGlobals());

it('lets one tab run at a time, and says that the other one waits', async () => {
  vi.stubGlobal('navigator', { locks: fakeLocks() });
  const log: string[] = [];
  let finish: () => void = () => undefined;
  const first = withLock(
    'order',
    async () => {
      log.push('first starts');
      await new Promise<void>((resolve) => (finish = resolve));
      log.push('first ends');
      return 1;
    },
    { onWait: () => log.push('first waits') },
  );
  const second = withLock('order', () => Promise.resolve(log.push('second')), {
    onWait: () => {
      log.push('second waits');
      finish();
    },
  });
  expect(await first).toBe(1);
  await second;
  expect(log).toEqual(['first starts', 'second waits', 'first ends', 'second']);
});

it('runs without locks where the browser has none', async () => {
  vi.stubGlobal('navigator', {});
  expect(await withLock('order', () => Promise.resolve(1), { onWait: vi.fn() })).toBe(1);
});

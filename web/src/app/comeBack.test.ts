import { beforeEach, expect, it, vi } from 'vitest';

import { comeBack, isLoadFailure } from './comeBack';

const reload = vi.fn();
const nextChance = vi.fn(() => Promise.resolve());

function failedScreen(reachable: boolean[]) {
  return comeBack({
    isReachable: () => Promise.resolve(reachable.shift() ?? true),
    nextChance,
    reload,
    storage: sessionStorage,
    failed: 'release-1 /cards',
  });
}

beforeEach(() => {
  sessionStorage.clear();
  reload.mockReset();
  nextChance.mockReset().mockResolvedValue();
});

it('waits until the line is back, then reloads', async () => {
  await failedScreen([false, false, false, true]);
  expect(nextChance).toHaveBeenCalledTimes(3);
  expect(reload).toHaveBeenCalledOnce();
});

it('reloads at once after a new release, and only once', async () => {
  await failedScreen([true]);
  expect(reload).toHaveBeenCalledOnce();

  await failedScreen([true]);
  expect(nextChance).not.toHaveBeenCalled();
  expect(reload).toHaveBeenCalledOnce();
});

it.each([
  'Failed to fetch dynamically imported module: /assets/CardsPage.js',
  'error loading dynamically imported module: /assets/CardsPage.js',
  'Importing a module script failed.',
  'Unable to preload CSS for /assets/Console.css',
])('knows a failed load by its words: %s', (message) => {
  expect(isLoadFailure(new TypeError(message))).toBe(true);
  expect(isLoadFailure(new Error('the screen breaks'))).toBe(false);
});

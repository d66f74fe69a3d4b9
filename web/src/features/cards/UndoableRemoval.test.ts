import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { PaymentMethod } from '@/api/client';

import { UNDO_SECONDS, UndoableRemoval } from './UndoableRemoval';

const card = (id: string) => ({ payment_method_id: id }) as PaymentMethod;
const VISA = card('pm_visa');
const AMEX = card('pm_amex');

let sent: PaymentMethod[];
let waiting: PaymentMethod | null;
let removal: UndoableRemoval;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  waiting = null;
  removal = new UndoableRemoval(
    (each) => sent.push(each),
    (each) => {
      waiting = each;
    },
  );
});
afterEach(() => vi.useRealTimers());

it('removes a card when the time is up, and not before', () => {
  removal.start(VISA);
  vi.advanceTimersByTime(UNDO_SECONDS * 1000 - 1);
  expect([sent, waiting]).toEqual([[], VISA]);
  vi.advanceTimersByTime(1);
  expect([sent, waiting]).toEqual([[VISA], null]);
});

it('keeps a card whose removal is undone', () => {
  removal.start(VISA);
  removal.undo();
  vi.runAllTimers();
  removal.sendNow();
  expect([sent, waiting]).toEqual([[], null]);
});

it('removes a card at once, and only once, if the page is left', () => {
  removal.start(VISA);
  removal.sendNow();
  vi.runAllTimers();
  expect(sent).toEqual([VISA]);
});

it('removes the first card at once when a second one is to be removed', () => {
  removal.start(VISA);
  vi.advanceTimersByTime(UNDO_SECONDS * 1000 - 1);
  removal.start(AMEX);
  expect([sent, waiting]).toEqual([[VISA], AMEX]);
  vi.advanceTimersByTime(1); // the first one's time is over, the second one's is not
  expect(sent).toEqual([VISA]);
  vi.runAllTimers();
  expect(sent).toEqual([VISA, AMEX]);
});

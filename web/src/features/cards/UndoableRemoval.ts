import type { PaymentMethod } from '@/api/client';

/** How long somebody can change their mind. */
export const UNDO_SECONDS = 8;

/** Sends the removal of a card once the time to undo it is up. One card at a time. */
export class UndoableRemoval {
  readonly #send: (card: PaymentMethod) => void;
  readonly #onChange: (waiting: PaymentMethod | null) => void;
  #waiting: PaymentMethod | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    send: (card: PaymentMethod) => void,
    onChange: (waiting: PaymentMethod | null) => void,
  ) {
    this.#send = send;
    this.#onChange = onChange;
  }

  /** Remove a card soon. One that is still waiting is removed now. */
  readonly start = (card: PaymentMethod): void => {
    this.sendNow();
    this.#timer = setTimeout(this.sendNow, UNDO_SECONDS * 1000);
    this.#wait(card);
  };

  readonly undo = (): void => {
    clearTimeout(this.#timer);
    this.#wait(null);
  };

  /** The time is up, or the page is left. */
  readonly sendNow = (): void => {
    const card = this.#waiting;
    if (card === null) return;
    this.undo();
    this.#send(card);
  };

  #wait(card: PaymentMethod | null): void {
    this.#waiting = card;
    this.#onChange(card);
  }
}

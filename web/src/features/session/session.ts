import type { Tokens } from '@/api/client';
import { networkError } from '@/api/problem';

import { type Identity, IdentityError, type IdToken, type LogInResult } from './identity';

/** What the screens need to know about the logged-in user. */
export type Person = Omit<IdToken, 'jwt'>;

export type SessionState =
  | { readonly status: 'anonymous' }
  | { readonly status: 'expired'; readonly userId: string; readonly email: string }
  | { readonly status: 'active'; readonly person: Person };

/** Remembers who is logged in across reloads, so that screens do not have to wait for tokens. */
const PERSON_KEY = 'till.person';
const ANONYMOUS: SessionState = { status: 'anonymous' };

export class Session implements Tokens {
  #state: SessionState;
  readonly #listeners = new Set<() => void>();
  readonly #storage: Storage;
  readonly #loadIdentity: () => Promise<Identity>;
  #identity: Promise<Identity> | null = null;
  #reading: Promise<unknown> = Promise.resolve();
  #typed: { email: string; password: string } | null = null;

  constructor(loadIdentity: () => Promise<Identity>, storage: Storage) {
    this.#loadIdentity = loadIdentity;
    this.#storage = storage;
    this.#state = this.#remembered();
  }

  readonly state = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The identity provider, loaded when it is first needed, and again after a failure. */
  async identity(): Promise<Identity> {
    this.#identity ??= this.#loadIdentity().catch((cause: unknown) => {
      this.#identity = null;
      throw new IdentityError('network_error', { cause });
    });
    return this.#identity;
  }

  async logIn(email: string, password: string): Promise<LogInResult> {
    const identity = await this.identity();
    const result = await identity.logIn(email, password);
    if (result === 'done') await this.#begin(identity);
    if (result === 'confirmation_required') this.keepPassword(email, password);
    return result;
  }

  /** Keep what was just typed until the address is confirmed: in this tab only, and never stored. */
  keepPassword(email: string, password: string): void {
    this.#typed = { email, password };
  }

  /** Log in with the password that was kept for this address; false if it has to be typed. */
  async logInWithKeptPassword(email: string): Promise<boolean> {
    const typed = this.#typed;
    this.#typed = null;
    if (typed?.email !== email) return false;
    try {
      return (await this.logIn(email, typed.password)) === 'done';
    } catch (error) {
      console.warn('The password that was kept does not log in', error);
      return false;
    }
  }

  /** Finish a login that has asked for a one-time code. */
  async enterOneTimeCode(code: string): Promise<void> {
    const identity = await this.identity();
    await identity.enterOneTimeCode(code);
    await this.#begin(identity);
  }

  /** Log out here even without a network. The tokens are revoked if Cognito can be reached. */
  async logOut(): Promise<void> {
    this.#typed = null;
    this.#storage.removeItem(PERSON_KEY);
    this.#setState(ANONYMOUS);
    try {
      const identity = await this.identity();
      // What was asked for before is still sent, say the removal of a card: it has to get its token.
      await Promise.allSettled([this.#reading]);
      await identity.logOut();
    } catch (error) {
      console.warn('The tokens could not be revoked', error);
    }
  }

  async fetchIdToken({ forceRefresh } = { forceRefresh: false }): Promise<string | null> {
    if (this.#state.status !== 'active') return null;
    let token: IdToken | null;
    try {
      const reading = this.identity().then((identity) => identity.fetchIdToken(forceRefresh));
      this.#reading = reading;
      token = await reading;
    } catch (error) {
      const rejected = ['wrong_credentials', 'session_ended'];
      const unreachable = error instanceof IdentityError && !rejected.includes(error.code);
      if (unreachable) throw networkError(error);
      token = null;
    }
    if (token === null) {
      this.expire();
      return null;
    }
    // Even if somebody has logged out meanwhile, see logOut.
    if (!forceRefresh) return token.jwt;
    if (!this.#isActive()) return null;
    // A new token knows what has changed since the last one: say the email address.
    this.#activate(token);
    return token.jwt;
  }

  /** Change something at the identity provider as the person who is logged in. */
  async change<Result>(make: (identity: Identity) => Promise<Result>): Promise<Result> {
    try {
      return await make(await this.identity());
    } catch (error) {
      if (error instanceof IdentityError && error.code === 'session_ended') this.expire();
      throw error;
    }
  }

  /** The API has said that this person's account is being deleted. */
  accountBeingDeleted(): void {
    if (this.#state.status !== 'active' || this.#state.person.beingDeleted) return;
    this.#remember({ ...this.#state.person, beingDeleted: true });
  }

  expire(): void {
    if (this.#state.status !== 'active') return;
    this.#storage.removeItem(PERSON_KEY);
    const { userId, email } = this.#state.person;
    this.#setState({ status: 'expired', userId, email });
  }

  /** Another tab has logged in or out. */
  followOtherTab(event: StorageEvent): void {
    if (event.key !== PERSON_KEY && event.key !== null) return;
    const remembered = this.#remembered();
    if (remembered.status === 'active' || this.#state.status === 'active') {
      this.#setState(remembered);
    }
  }

  async #begin(identity: Identity): Promise<void> {
    const token = await identity.fetchIdToken(false);
    if (token === null) throw new IdentityError('unknown');
    this.#activate(token);
  }

  #isActive(): boolean {
    return this.#state.status === 'active';
  }

  #activate({ userId, email, name, beingDeleted, staff }: IdToken): void {
    this.#remember({ userId, email, name, beingDeleted, ...(staff && { staff }) });
  }

  #remember(person: Person): void {
    this.#storage.setItem(PERSON_KEY, JSON.stringify(person));
    this.#setState({ status: 'active', person });
  }

  #setState(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #remembered(): SessionState {
    try {
      const person = JSON.parse(this.#storage.getItem(PERSON_KEY) ?? 'null') as Person | null;
      return person ? { status: 'active', person } : ANONYMOUS;
    } catch {
      return ANONYMOUS;
    }
  }
}

import { beforeEach, describe, expect, it } from 'vitest';

import { type Identity, IdentityError, type IdToken, type LogInResult } from './identity';
import { Session } from './session';

const PERSON = { userId: 'ada', email: 'ada@example.com', name: 'Ada', beingDeleted: false };
const ADA: IdToken = { jwt: 'jwt-1', ...PERSON };

/** An identity provider with one user; `token` is the token it returns for them. */
class FakeIdentity implements Identity {
  token: IdToken | Error | null = ADA;
  logInResult: LogInResult = 'done';
  refreshes = 0;
  loggedOut = false;
  logIn = () => Promise.resolve(this.logInResult);
  enterOneTimeCode = (code: string) =>
    code === '123456'
      ? Promise.resolve()
      : Promise.reject(new IdentityError('wrong_one_time_code'));
  fetchIdToken = (forceRefresh: boolean) => {
    if (forceRefresh) this.refreshes += 1;
    return this.token instanceof Error ? Promise.reject(this.token) : Promise.resolve(this.token);
  };
  logOut = () => {
    this.loggedOut = true;
    return Promise.resolve();
  };
  confirmEmail = () => Promise.resolve();
  resendCode = () => Promise.resolve();
  requestPasswordReset = () => Promise.resolve();
  resetPassword = () => Promise.resolve();
  changeEmail = () => Promise.resolve('code_sent' as const);
  verifyEmail = () => Promise.resolve();
  changePassword = (): Promise<void> => Promise.resolve();
  hasOneTimeCodes = () => Promise.resolve(false);
  startOneTimeCodes = () => Promise.resolve({ secret: 'secret', uri: 'otpauth://totp/x' });
  verifyOneTimeCodes = () => Promise.resolve();
}

let identity: FakeIdentity;
const afterReload = () => new Session(() => Promise.resolve(identity), localStorage);

beforeEach(() => {
  localStorage.clear();
  identity = new FakeIdentity();
});

describe('a password that was typed', () => {
  it('logs in once the address is confirmed, once, and only for its address', async () => {
    const session = afterReload();
    identity.logInResult = 'confirmation_required';
    await session.logIn('ada@example.com', 'secret');
    identity.logInResult = 'done';
    expect(await session.logInWithKeptPassword('ada@example.com')).toBe(true);
    expect(session.state().status).toBe('active');
    expect(await session.logInWithKeptPassword('ada@example.com')).toBe(false);

    session.keepPassword('ada@example.com', 'secret');
    expect(await session.logInWithKeptPassword('grace@example.com')).toBe(false);
  });

  it('is neither stored nor kept by a log-out', async () => {
    const session = afterReload();
    session.keepPassword('ada@example.com', 'a secret phrase');
    expect(JSON.stringify([localStorage, sessionStorage].map(Object.entries))).not.toContain(
      'secret phrase',
    );
    await session.logOut();
    expect(await session.logInWithKeptPassword('ada@example.com')).toBe(false);
  });

  it('that is not the account’s has to be typed again', async () => {
    const session = afterReload();
    identity.logIn = () => Promise.reject(new IdentityError('wrong_credentials'));
    session.keepPassword('ada@example.com', 'secret');
    expect(await session.logInWithKeptPassword('ada@example.com')).toBe(false);
    expect(session.state().status).toBe('anonymous');
  });
});

describe('the session', () => {
  it('starts with login and notifies its listeners', async () => {
    const session = afterReload();
    const seen: string[] = [];
    session.subscribe(() => seen.push(session.state().status));
    expect(session.state().status).toBe('anonymous');
    expect(await session.logIn('ada@example.com', 'secret')).toBe('done');
    expect(session.state()).toEqual({
      status: 'active',
      person: PERSON,
    });
    expect(seen).toEqual(['active']);
  });

  it('does not start before the email address is confirmed', async () => {
    identity.logInResult = 'confirmation_required';
    const session = afterReload();
    expect(await session.logIn('ada@example.com', 'secret')).toBe('confirmation_required');
    expect(session.state().status).toBe('anonymous');
  });

  it('starts with the code of whoever has an app for one-time codes', async () => {
    identity.logInResult = 'code_required';
    const session = afterReload();
    expect(await session.logIn('ada@example.com', 'secret')).toBe('code_required');
    expect(session.state().status).toBe('anonymous');
    await expect(session.enterOneTimeCode('000000')).rejects.toMatchObject({
      code: 'wrong_one_time_code',
    });
    expect(session.state().status).toBe('anonymous');
    await session.enterOneTimeCode('123456');
    expect(session.state()).toEqual({ status: 'active', person: PERSON });
  });

  it('survives a reload without waiting for the tokens', async () => {
    await afterReload().logIn('ada@example.com', 'secret');
    const session = afterReload();
    expect(session.state().status).toBe('active');
    expect(await session.fetchIdToken()).toBe('jwt-1');
  });

  it('knows of staff what they may do, also after a reload', async () => {
    identity.token = { ...ADA, staff: 'support' };
    await afterReload().logIn('ada@example.com', 'secret');
    expect(afterReload().state()).toEqual({
      status: 'active',
      person: { ...PERSON, staff: 'support' },
    });
  });

  it('does not store a token itself', async () => {
    await afterReload().logIn('ada@example.com', 'secret');
    expect(JSON.stringify(localStorage)).not.toContain('jwt-1');
  });

  it('refreshes its token on request', async () => {
    const session = afterReload();
    await session.logIn('ada@example.com', 'secret');
    await session.fetchIdToken({ forceRefresh: true });
    expect(identity.refreshes).toBe(1);
  });

  it.each([
    ['is gone', null],
    ['is rejected', new IdentityError('wrong_credentials')],
    ['is revoked', new IdentityError('session_ended')],
  ])('expires when the refresh token %s, and remembers the email address', async (_, token) => {
    const session = afterReload();
    await session.logIn('ada@example.com', 'secret');
    identity.token = token;
    expect(await session.fetchIdToken()).toBeNull();
    expect(session.state()).toEqual({
      status: 'expired',
      userId: 'ada',
      email: 'ada@example.com',
    });
    expect(afterReload().state().status).toBe('anonymous');
  });

  it('learns from a new token what has changed', async () => {
    const session = afterReload();
    await session.logIn('ada@example.com', 'secret');
    identity.token = { ...ADA, jwt: 'jwt-2', email: 'ada@example.org' };
    expect(await session.fetchIdToken({ forceRefresh: true })).toBe('jwt-2');
    const changed = { status: 'active', person: { ...PERSON, email: 'ada@example.org' } };
    expect(session.state()).toEqual(changed);
    expect(afterReload().state()).toEqual(changed);
  });

  it('stays ended if the person logs out while a new token is on its way', async () => {
    const session = afterReload();
    await session.logIn('ada@example.com', 'secret');
    const refreshed = session.fetchIdToken({ forceRefresh: true });
    await session.logOut();
    expect(await refreshed).toBeNull();
    expect(session.state().status).toBe('anonymous');
  });

  it('still sends what was asked for before the person logged out', async () => {
    const session = afterReload();
    await session.logIn('ada@example.com', 'secret');
    const token = session.fetchIdToken();
    await session.logOut();
    expect(await token).toBe('jwt-1');
    expect(session.state().status).toBe('anonymous');
  });

  it('remembers that the account is being deleted until a new token says otherwise', async () => {
    const session = afterReload();
    session.accountBeingDeleted(); // nobody is logged in
    expect(session.state().status).toBe('anonymous');
    await session.logIn('ada@example.com', 'secret');
    const beingDeleted = () => {
      const state = session.state();
      return state.status === 'active' && state.person.beingDeleted;
    };
    session.accountBeingDeleted();
    await session.fetchIdToken();
    expect(beingDeleted()).toBe(true);
    await session.fetchIdToken({ forceRefresh: true });
    expect(beingDeleted()).toBe(false);
  });

  it('ends if it is over when the person changes something, and not for any other error', async () => {
    const session = afterReload();
    await session.logIn('ada@example.com', 'secret');
    const change = () => session.change((known) => known.changePassword('old', 'new'));
    identity.changePassword = () => Promise.reject(new IdentityError('wrong_credentials'));
    await expect(change()).rejects.toMatchObject({ code: 'wrong_credentials' });
    expect(session.state().status).toBe('active');
    identity.changePassword = () => Promise.reject(new IdentityError('session_ended'));
    await expect(change()).rejects.toMatchObject({ code: 'session_ended' });
    expect(session.state().status).toBe('expired');
  });

  it('does not expire when the network is down', async () => {
    const session = afterReload();
    await session.logIn('ada@example.com', 'secret');
    identity.token = new IdentityError('network_error');
    await expect(session.fetchIdToken()).rejects.toMatchObject({
      problem: { code: 'network_error' },
    });
    expect(session.state().status).toBe('active');
  });

  it('loads the identity provider again after a failure', async () => {
    let failures = 1;
    const session = new Session(() => {
      failures -= 1;
      return failures < 0 ? Promise.resolve(identity) : Promise.reject(new TypeError('chunk'));
    }, localStorage);
    await expect(session.logIn('a', 'b')).rejects.toMatchObject({ code: 'network_error' });
    expect(await session.logIn('a', 'b')).toBe('done');
  });

  it('needs no identity provider when nobody is logged in', async () => {
    const session = new Session(() => Promise.reject(new Error('loaded')), localStorage);
    expect(await session.fetchIdToken()).toBeNull();
  });

  it('ends with logout, even if the tokens cannot be revoked', async () => {
    const session = afterReload();
    await session.logIn('ada@example.com', 'secret');
    await session.logOut();
    expect(identity.loggedOut).toBe(true);
    expect(session.state().status).toBe('anonymous');
    expect(afterReload().state().status).toBe('anonymous');
  });

  it('gives a request that came before the log-out its token', async () => {
    const session = afterReload();
    await session.logIn('ada@example.com', 'secret');
    const read = identity.fetchIdToken;
    identity.fetchIdToken = async (forceRefresh) => {
      await new Promise((resolve) => setTimeout(resolve));
      return identity.loggedOut ? null : read(forceRefresh);
    };
    const asked = session.fetchIdToken();
    await session.logOut();
    expect(identity.loggedOut).toBe(true);
    expect(await asked).toBe('jwt-1');
  });

  it('follows what another tab does', async () => {
    const session = afterReload();
    const other = afterReload();
    await other.logIn('ada@example.com', 'secret');
    session.followOtherTab(new StorageEvent('storage', { key: 'till.person' }));
    expect(session.state().status).toBe('active');
    await other.logOut();
    session.followOtherTab(new StorageEvent('storage', { key: 'unrelated' }));
    expect(session.state().status).toBe('active');
    session.followOtherTab(new StorageEvent('storage', { key: 'till.person' }));
    expect(session.state().status).toBe('anonymous');
  });

  it('ignores stored data that cannot be parsed', () => {
    localStorage.setItem('till.person', '{');
    expect(afterReload().state().status).toBe('anonymous');
  });
});

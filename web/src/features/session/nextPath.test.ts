import { describe, expect, it } from 'vitest';

import { loginPath, nextPath } from './nextPath';

const back = (path: string) => nextPath(new URL(path, location.origin).searchParams);

describe('the way back after login', () => {
  it('leads to where the user was, with the order', () => {
    const pathname = '/checkout/coffee-beans';
    const search = '?currency=eur&quantity=2&card=pm_1';
    expect(back(loginPath({ pathname, search }))).toBe(pathname + search);
  });

  it('leads to the shop if no path is given', () => {
    expect(back('/login')).toBe('/');
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    'javascript:alert(1)',
    'evil',
    'http://[',
  ])('does not lead to %s', (next) => {
    expect(back(`/login?${new URLSearchParams({ next }).toString()}`)).toBe('/');
  });
});

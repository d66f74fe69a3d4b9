import { expect, it } from 'vitest';

import { codeOf } from './forms';

it.each(['123456', '123 456', ' 123456\n', '123\u00a0456'])(
  'takes a code as it is copied: %j',
  (typed) => {
    const form = new FormData();
    form.set('code', typed);
    expect(codeOf(form)).toBe('123456');
  },
);

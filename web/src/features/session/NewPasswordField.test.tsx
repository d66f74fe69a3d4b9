import { cleanup, render, screen } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';

import { NewPasswordField } from './NewPasswordField';
import { isStrong } from './passwordRules';

afterEach(cleanup);

describe('a new password', () => {
  it.each([
    ['Analytical-Engine-1843', true],
    ['Abcdefghij12', true],
    ['Abcdefghi12', false],
    ['abcdefghijk1', false],
    ['ABCDEFGHIJK1', false],
    ['Abcdefghijkl', false],
  ])('%s is strong: %s', (password, strong) => {
    expect(isStrong(password)).toBe(strong);
  });

  it('shows what is missing while the user types', async () => {
    render(<NewPasswordField label="Password" />);
    const input = screen.getByLabelText('Password');
    await userEvent.type(input, 'Abc');
    expect(screen.getByRole('status').textContent).toBe(
      'Still missing: at least 12 characters, a digit.',
    );
    await userEvent.type(input, 'defghijk12');
    expect(screen.getByRole('status').textContent).toBe('The password meets all the rules.');
  });

  it('can be shown', async () => {
    render(<NewPasswordField label="Password" />);
    const input = screen.getByLabelText('Password');
    expect(input.getAttribute('type')).toBe('password');
    await userEvent.click(screen.getByRole('button', { name: 'Show password' }));
    expect(input.getAttribute('type')).toBe('text');
  });
});

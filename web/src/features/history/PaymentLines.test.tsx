import { cleanup, render, screen } from '@testing-library/preact';
import { afterEach, expect, it } from 'vitest';

import type { Payment } from '@/api/client';

import { linesInShort, PaymentLines } from './PaymentLines';

afterEach(cleanup);

const MUG = {
  product_id: 'stoneware-mug',
  description: 'Stoneware mug',
  quantity: 1,
  unit_amount: 2400,
  amount: 2400,
};
const COFFEE = {
  product_id: 'coffee-beans',
  description: 'House coffee',
  quantity: 3,
  unit_amount: 1099,
  amount: 3297,
};

function paymentFor(lines: Payment['lines']): Payment {
  return { lines, currency: 'eur' } as Payment;
}

it('shows each line with its quantity and its amount', () => {
  render(<PaymentLines payment={paymentFor([MUG, COFFEE])} />);

  const lines = screen.getAllByRole('listitem').map(({ textContent }) => textContent);
  expect(lines).toEqual(['Stoneware mug€24.00', 'House coffee × 3€32.97']);
});

it('names the first line in short, and says how many more there are', () => {
  expect(linesInShort(paymentFor([MUG]))).toBe('Stoneware mug');
  expect(linesInShort(paymentFor([MUG, COFFEE]))).toBe('Stoneware mug and 1 more');
});

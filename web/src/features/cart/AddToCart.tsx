import { Trans } from '@lingui/react/macro';
import { useState } from 'react';

import type { Product } from '@/api/client';

import { MAX_QUANTITY } from '@/lib/purchaseLimits';
import { cart } from './useCart';

/** Puts one more of a product into the cart, and says so. */
export function AddToCart({ product }: { product: Product }) {
  const [said, setSaid] = useState<'nothing' | 'added' | 'full'>('nothing');
  const { name } = product;
  return (
    <>
      <button
        type="button"
        className="button button-secondary"
        onClick={() => setSaid(cart.add(product) ? 'added' : 'full')}
      >
        <Trans>Add to cart</Trans>
        <span className="visually-hidden">: {name}</span>
      </button>
      <p className="muted small said" role="status">
        {said === 'added' && <Trans>It is in your cart.</Trans>}
        {said === 'full' && (
          <Trans>
            The cart takes {MAX_QUANTITY} of a product. Buy these first, then order more.
          </Trans>
        )}
      </p>
    </>
  );
}

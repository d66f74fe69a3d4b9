import { plural } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import { NavLink } from '@/lib/routing';

import { useCartLines } from './useCart';

/** The way to the cart, with how many things are in it. */
export function CartLink() {
  const count = useCartLines().reduce((sum, { quantity }) => sum + quantity, 0);
  return (
    <NavLink to="/cart">
      <Trans>Cart</Trans>
      {count > 0 && (
        <>
          <span className="cart-count" aria-hidden="true">
            {count}
          </span>
          <span className="visually-hidden">
            , {plural(count, { one: '# item', other: '# items' })}
          </span>
        </>
      )}
    </NavLink>
  );
}

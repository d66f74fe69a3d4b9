export { AddToCart } from './AddToCart';
export { CartLink } from './CartLink';
export { PriceChanges } from './PriceChanges';
export { type PricedCart, priceCart } from './prices';
export { cart, useCartLines, useCartProducts } from './useCart';

export { priceOf } from './currency';
export { ProductImage } from './ProductImage';
export { usePreferredCurrency } from './usePreferredCurrency';

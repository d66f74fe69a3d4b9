export { BrandMark } from './BrandMark';
export { cvcHint } from './brands';
export { CardName } from './CardName';
export { formatExpiry, isExpired } from './expiry';

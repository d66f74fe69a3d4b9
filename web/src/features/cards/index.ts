import { lazy } from 'react';

export { BrandMark } from './BrandMark';
export { cvcHint } from './brands';
export { CardName } from './CardName';
export { formatExpiry, isExpired } from './expiry';

/** Loaded when it is first needed: the form knows every country and its regions. */
export const AddCard = lazy(async () => ({ default: (await import('./AddCard')).AddCard }));

import type { StripeElementStyle } from '@stripe/stripe-js';
import { useSyncExternalStore } from 'react';

const DARK = '(prefers-color-scheme: dark)';

function subscribe(onChange: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener('change', onChange);
  return () => query.removeEventListener('change', onChange);
}

/** Our colours for Stripe's fields: our style sheet does not reach into their frames. */
export function useElementStyle(): StripeElementStyle {
  useSyncExternalStore(subscribe, () => matchMedia(DARK).matches);
  const root = getComputedStyle(document.documentElement);
  const value = (name: string): string => root.getPropertyValue(name).trim();
  return {
    base: {
      color: value('--text'),
      iconColor: value('--text-muted'),
      fontFamily: value('--font'),
      fontSize: '16px',
      '::placeholder': { color: value('--text-muted') },
    },
    invalid: { color: value('--danger'), iconColor: value('--danger') },
  };
}

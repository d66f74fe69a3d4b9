import { i18n } from '@lingui/core';
import type { Stripe, StripeConstructor, StripeElementLocale } from '@stripe/stripe-js';

import type { Config } from './config';

declare global {
  interface Window {
    Stripe?: StripeConstructor;
  }
}

let loading: Promise<Stripe> | null = null;

/** Stripe.js for this stage, loaded when it is first needed, and again after a failure. */
export function loadStripeJs(config: Config): Promise<Stripe> {
  loading ??= createStripe(config).catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function createStripe(config: Config): Promise<Stripe> {
  if (config.stripe_js_url !== undefined) {
    await loadScript(config.stripe_js_url);
    if (!window.Stripe) throw new Error(`${config.stripe_js_url} defines no window.Stripe`);
    return window.Stripe(config.stripe_publishable_key, { locale: stripeLocale() });
  }
  // Importing @stripe/stripe-js itself would add the script immediately, and only once.
  const { loadStripe } = await import('@stripe/stripe-js/pure');
  const stripe = await loadStripe(config.stripe_publishable_key, { locale: stripeLocale() });
  if (stripe === null) throw new Error('Stripe.js needs a browser');
  return stripe;
}

/** The page's language, for Stripe's own fields and messages. */
function stripeLocale(): StripeElementLocale {
  return new Intl.Locale(i18n.locale).language as StripeElementLocale;
}

function loadScript(src: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = src;
    script.onload = () => resolve();
    script.onerror = () => {
      script.remove();
      reject(new Error(`${src} could not be loaded`));
    };
    document.head.append(script);
  });
}

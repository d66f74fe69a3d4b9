import { t } from '@lingui/core/macro';
import type { SetupIntentResult } from '@stripe/stripe-js';

import type { PaymentMethod, SetupIntent } from '@/api/client';
import { ApiError } from '@/api/problem';
import { STRIPE_PROBLEM } from '@/components/StripeLoadError';

import { consentTo, type Usage } from './consent';

export interface CardSetupTools {
  createSetupIntent(body: { usage: Usage; consent_text: string }): Promise<SetupIntent>;
  /** Stripe.js confirms it with the card in the form, and shows the bank’s challenge. */
  confirmCardSetup(clientSecret: string): Promise<SetupIntentResult>;
  attachPaymentMethod(setupIntentId: string): Promise<PaymentMethod>;
}

/** Something is wrong with the card in the form; the message says what. */
export class CardInvalidError extends Error {
  override name = 'CardInvalidError';
}

interface Started {
  readonly intent: SetupIntent;
  readonly usage: Usage;
  isConfirmed: boolean;
}

// Nobody knows whether Stripe has received the request, so it is sent again.
const UNDECIDED: readonly string[] = ['api_connection_error', 'api_error', 'rate_limit_error'];

/** Saves the card in a form. After a failure the next attempt goes on where it stopped. */
export class CardSetup {
  #started: Started | null = null;

  async save(usage: Usage, tools: CardSetupTools): Promise<PaymentMethod> {
    // What somebody agreed to belongs to the SetupIntent.
    if (this.#started?.usage !== usage) this.#started = null;
    this.#started ??= {
      intent: await tools.createSetupIntent({ usage, consent_text: consentTo(usage) }),
      usage,
      isConfirmed: false,
    };
    const started = this.#started;
    if (!started.isConfirmed) {
      this.#check(await tools.confirmCardSetup(started.intent.client_secret));
      started.isConfirmed = true;
    }
    try {
      return await tools.attachPaymentMethod(started.intent.setup_intent_id);
    } catch (error) {
      if (!(error instanceof ApiError && error.isTransient)) this.#started = null;
      throw error;
    }
  }

  /** The form has another card now. A SetupIntent that is confirmed belongs to the earlier one. */
  cardChanged(): void {
    if (this.#started?.isConfirmed) this.#started = null;
  }

  #check({ error }: SetupIntentResult): void {
    if (error === undefined) return;
    // It was confirmed before, but the answer was lost.
    if (error.setup_intent?.status === 'succeeded') return;
    if (error.code === 'setup_intent_authentication_failure') {
      throw new CardInvalidError(
        'Your bank could not confirm that it was you. Try again, or use another card.',
      );
    }
    if (error.type === 'validation_error' || error.type === 'card_error') {
      throw new CardInvalidError(
        error.message ?? t`Check the card number, expiry date and security code.`,
      );
    }
    if (!UNDECIDED.includes(error.type)) this.#started = null;
    throw new ApiError(STRIPE_PROBLEM, null, { cause: error });
  }
}

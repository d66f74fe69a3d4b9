/**
 * window.Stripe(publishableKey, options): the part of Stripe.js that card payments need.
 *
 * Methods resolve to their result or to {error}, with Stripe's error shapes; a use that can't work
 * is an IntegrationError.
 */

const CARD_ELEMENTS = ['card', 'cardNumber'];

function Stripe(publishableKey, options = {}) {
  checkKey(publishableKey);
  if (options.stripeAccount) {
    throw new IntegrationError('The Stripe simulator has no connected accounts.');
  }
  const key = publishableKey;

  return {
    elements: (elementsOptions = {}) => createElements(key, elementsOptions),

    async createPaymentMethod(data) {
      return named('paymentMethod', await paymentMethodFrom(key, data));
    },

    async createToken(typeOrElement, elementOrData = {}) {
      const isCvcUpdate = typeOrElement === 'cvc_update';
      const answer = isCvcUpdate
        ? await frameOf(elementOrData, 'cardCvc').ask('createCvcToken')
        : await frameOf(typeOrElement, ...CARD_ELEMENTS).ask('createToken', elementOrData);
      return named('token', answer);
    },

    /** Stripe looks at the browser; here there is nothing to see, only an id to pass on. */
    async createRadarSession() {
      return { radarSession: { id: `rse_${crypto.randomUUID().replaceAll('-', '')}` } };
    },

    async retrievePaymentIntent(clientSecret) {
      return retrieveIntent(key, intentOf(clientSecret, 'payment_intent'));
    },

    async retrieveSetupIntent(clientSecret) {
      return retrieveIntent(key, intentOf(clientSecret, 'setup_intent'));
    },

    async confirmCardPayment(clientSecret, data, { handleActions } = {}) {
      const intent = intentOf(clientSecret, 'payment_intent');
      return confirmCard(key, intent, { ...data, handleActions });
    },

    async confirmCardSetup(clientSecret, data, { handleActions } = {}) {
      const intent = intentOf(clientSecret, 'setup_intent');
      return confirmCard(key, intent, { ...data, handleActions });
    },

    /** For intents that the server confirms, with confirmation_method=manual. */
    async handleCardAction(clientSecret) {
      const intent = intentOf(clientSecret, 'payment_intent');
      return handleActionOf(key, intent, 'handleCardAction', ({ confirmation_method: method }) => {
        if (method === 'manual') return;
        throw new IntegrationError(
          'handleCardAction: the server does not confirm this PaymentIntent; use handleNextAction.',
        );
      });
    },

    async handleNextAction({ clientSecret }) {
      const intent = intentOf(clientSecret, 'payment_intent', 'setup_intent');
      return handleActionOf(key, intent, 'handleNextAction');
    },

    // Libraries introduce themselves with these; the simulator has no use for it.
    registerAppInfo() {},
    _registerWrapper() {},
  };
}

/** @stripe/stripe-js compares this with the release that it was made for. */
Stripe.version = RELEASE;

window.Stripe = Stripe;

function checkKey(key) {
  if (typeof key !== 'string' || key === '') {
    throw new IntegrationError('Stripe() needs a publishable key, such as pk_test_simulator.');
  }
  if (/^[rs]k_/.test(key)) {
    throw new IntegrationError(
      'Stripe() was given a secret key. It must never reach a browser: use the publishable one.',
    );
  }
  if (!key.startsWith('pk_test_')) {
    throw new IntegrationError(
      'The Stripe simulator takes test keys (pk_test_…) only; live payments need Stripe itself.',
    );
  }
}

function named(result, { object, error }) {
  return error ? { error } : { [result]: object };
}

/** Card Elements answer for themselves; a token is sent from here. */
async function paymentMethodFrom(key, { type, card, ...data }) {
  if (type !== 'card') {
    throw new IntegrationError(`The Stripe simulator takes cards, and no ${type}.`);
  }
  if (typeof card?.token === 'string') {
    return callApi(key, 'POST', '/v1/payment_methods', { ...data, type, card });
  }
  return frameOf(card, ...CARD_ELEMENTS).ask('createPaymentMethod', data);
}

/** Confirm with a saved card, or with one that is made of an Element first. */
async function confirmCard(key, intent, data) {
  const params = { ...data };
  if (typeof params.payment_method === 'object') {
    const card = { ...params.payment_method, type: 'card' };
    const { object, error } = await paymentMethodFrom(key, card);
    if (error) return { error };
    params.payment_method = object.id;
  }
  const cvcElement = params.payment_method_options?.card?.cvc;
  if (cvcElement) {
    const { object, error } = await frameOf(cvcElement, 'cardCvc').ask('createCvcToken');
    if (error) return { error };
    const { cvc, ...cardOptions } = params.payment_method_options.card;
    params.payment_method_options = { card: { ...cardOptions, cvc_token: object.id } };
  }
  return confirmIntent(key, intent, params);
}

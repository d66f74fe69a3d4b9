/** PaymentIntents and SetupIntents: reading them, confirming them, and their next actions. */

const CLIENT_SECRET = /^((?:pi|seti)_[A-Za-z0-9]+)_secret_[A-Za-z0-9]+$/;

/** What differs between the two kinds of intents, read from the client secret. */
function intentOf(clientSecret, ...nouns) {
  const [, id] = CLIENT_SECRET.exec(clientSecret) ?? [];
  const noun = id?.startsWith('seti_') ? 'setup_intent' : 'payment_intent';
  if (!id || !nouns.includes(noun)) {
    throw new IntegrationError(`This needs the client_secret of a ${nouns.join(' or a ')}.`);
  }
  const result = noun === 'setup_intent' ? 'setupIntent' : 'paymentIntent';
  return { id, noun, result, clientSecret, path: `/v1/${noun}s/${id}` };
}

async function retrieveIntent(key, { path, clientSecret, result }) {
  const { object, error } = await callApi(key, 'GET', path, { client_secret: clientSecret });
  return error ? { error } : { [result]: object };
}

/** Confirm, and see the intent through its next action unless the page wants to do that itself. */
async function confirmIntent(key, intent, { handleActions = true, ...params }) {
  const { object, error } = await callApi(key, 'POST', `${intent.path}/confirm`, {
    ...params,
    client_secret: intent.clientSecret,
    use_stripe_sdk: true,
  });
  if (error) return { error };
  return object.status === 'requires_action' && handleActions
    ? takeNextAction(key, intent, object)
    : { [intent.result]: object };
}

/** Let the cardholder do what the bank asks for, and tell what became of the intent. */
async function takeNextAction(key, intent, object) {
  const action = object.next_action;
  if (action.type === 'redirect_to_url') {
    location.assign(action.redirect_to_url.url);
    return new Promise(() => {}); // the page ends here
  }
  const { error } = await showChallenge(object, (outcome) =>
    callApi(key, 'POST', `${intent.path}/three_d_secure`, {
      client_secret: intent.clientSecret,
      source: action.use_stripe_sdk.source,
      outcome,
    }),
  );
  // Any other refusal means that the challenge is over already, and the intent tells how.
  if (error?.type === CONNECTION_ERROR.type) return { error };
  const { [intent.result]: after, error: notFound } = await retrieveIntent(key, intent);
  if (notFound) return { error: notFound };
  const failure = after.last_payment_error ?? after.last_setup_error;
  return after.status === 'requires_payment_method'
    ? { error: { ...failure, [intent.noun]: after } }
    : { [intent.result]: after };
}

/** The next action of an intent that the server has confirmed. */
async function handleActionOf(key, intent, method, check = () => {}) {
  const { [intent.result]: object, error } = await retrieveIntent(key, intent);
  if (error) return { error };
  check(object);
  if (object.status !== 'requires_action') {
    throw new IntegrationError(
      `${method}: the status of the intent is ${object.status}, and not requires_action.`,
    );
  }
  return takeNextAction(key, intent, object);
}

/**
 * Calls of the simulator's API, made as Stripe.js makes them: forms that carry the publishable key,
 * which a page of any origin may send without a preflight.
 */

const API_ORIGIN = new URL(document.currentScript.src).origin;

const CONNECTION_ERROR = {
  type: 'api_connection_error',
  message: 'The payment service could not be reached. Check your connection and try again.',
};

/** Stripe's form encoding, `card[cvc]=123`. Whatever is null or undefined is left out. */
function encodedForm(params) {
  const form = new URLSearchParams();
  const append = (name, value) => {
    if (value === undefined || value === null) return;
    if (typeof value === 'object') {
      for (const [key, item] of Object.entries(value)) append(`${name}[${key}]`, item);
    } else {
      form.append(name, String(value));
    }
  };
  for (const [name, value] of Object.entries(params)) append(name, value);
  return form;
}

/** Make one call; resolves to {object} or {error}, and never rejects. */
async function callApi(key, method, path, params) {
  const form = encodedForm({ ...params, key });
  const url = API_ORIGIN + path;
  try {
    const response = await (method === 'GET'
      ? fetch(`${url}?${form}`, { cache: 'no-store' })
      : fetch(url, { method, body: form }));
    const body = await response.json();
    return response.ok ? { object: body } : { error: body.error };
  } catch {
    return { error: { ...CONNECTION_ERROR } };
  }
}

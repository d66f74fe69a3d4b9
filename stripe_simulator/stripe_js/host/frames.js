/**
 * The <iframe> of a mounted Element, and the conversation with it.
 *
 * It comes from the simulator's origin and the page sees no more of it than its answers.
 */

const FRAME_TITLES = {
  card: 'Secure card payment input frame',
  cardNumber: 'Secure card number input frame',
  cardExpiry: 'Secure expiration date input frame',
  cardCvc: 'Secure CVC input frame',
};
const FRAME_PATIENCE_MS = 10_000;

let framesMade = 0;

/** onEvent gets the frame's events, and {event: 'loaderror'} if the frame doesn't load. */
function createFrame(container, { type, group, key, options }, onEvent) {
  const iframe = document.createElement('iframe');
  framesMade += 1;
  Object.assign(iframe, {
    name: `__privateStripeFrame${framesMade}`, // Stripe's own name begins like this as well
    title: FRAME_TITLES[type],
    src: `${API_ORIGIN}/v3/frame.html`,
  });
  Object.assign(iframe.style, {
    display: 'block',
    width: '100%',
    height: '24px',
    border: '0',
    background: 'transparent',
  });
  const { port1: port, port2: itsPort } = new MessageChannel();
  const waiting = new Map();
  let calls = 0;
  let settleLoading;
  const loading = new Promise((resolve) => (settleLoading = resolve));

  port.onmessage = ({ data }) => {
    if (data.id !== undefined) {
      waiting.get(data.id).resolve(data.result);
      waiting.delete(data.id);
      return;
    }
    if (data.event === 'resize') {
      iframe.style.height = `${data.height}px`;
      return;
    }
    if (data.event === 'ready') settleLoading(true);
    onEvent(data);
  };
  // A frame that could not be loaded fires `load` like any other, and stays silent.
  const patience = setTimeout(() => {
    settleLoading(false);
    onEvent({ event: 'loaderror', error: { ...CONNECTION_ERROR } });
  }, FRAME_PATIENCE_MS);
  loading.then(() => clearTimeout(patience));
  iframe.addEventListener(
    'load',
    () => iframe.contentWindow.postMessage({ type, group, key, options }, API_ORIGIN, [itsPort]),
    { once: true },
  );
  container.replaceChildren(iframe);

  return {
    iframe,
    /** Ask for something that needs no answer. */
    async tell(action, argument) {
      if (await loading) port.postMessage({ action, argument });
    },
    /** Ask for a call of the API; resolves to its {object} or {error}. */
    async ask(action, argument) {
      if (!(await loading)) return { error: { ...CONNECTION_ERROR } };
      calls += 1;
      const id = calls;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        port.postMessage({ action, argument, id });
      });
    },
    remove() {
      settleLoading(false);
      port.close();
      iframe.remove();
      const gone = new IntegrationError('The Element was unmounted while it was in use.');
      for (const { reject } of waiting.values()) reject(gone);
    },
  };
}

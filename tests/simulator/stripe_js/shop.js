/** A page as a shop would write it. It puts what the tests look at into the window. */

window.stripe = Stripe('pk_test_simulator');
window.elements = stripe.elements();
window.events = [];
window.submits = 0;

/** Create an Element, record its events, and wait until it is ready. */
window.mount = (type, selector, options) => {
  const element = elements.create(type, options);
  for (const name of ['ready', 'change', 'focus', 'blur', 'escape', 'loaderror']) {
    element.on(name, (event) => events.push({ name, ...event }));
  }
  element.mount(selector);
  return new Promise((resolve) => {
    element.once('ready', () => resolve());
  });
};

document.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  submits += 1;
});

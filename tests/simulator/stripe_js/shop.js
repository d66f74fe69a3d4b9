/** A page as a shop would write it, with what the tests want to look at in the window. */

window.stripe = Stripe('pk_test_simulator');
window.elements = stripe.elements();
window.events = [];
window.submits = 0;

/** Create an Element, write its events down, and wait until it can be used. */
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

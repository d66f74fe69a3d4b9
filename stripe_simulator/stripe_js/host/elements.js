/** `stripe.elements()`: the card Elements, mounted into the page's own containers. */

const ELEMENT_CLASSES = {
  base: 'StripeElement',
  complete: 'StripeElement--complete',
  empty: 'StripeElement--empty',
  focus: 'StripeElement--focus',
  invalid: 'StripeElement--invalid',
};

/** The frame of each Element, while it is mounted; the page has no other way to it. */
const mountedFrames = new WeakMap();

let groupsMade = 0;

function createElements(key, options) {
  groupsMade += 1;
  const group = `elements-${groupsMade}`;
  const byType = new Map();
  return {
    create(type, elementOptions = {}) {
      if (!(type in FRAME_TITLES)) {
        const known = Object.keys(FRAME_TITLES).join(', ');
        throw new IntegrationError(
          `The Stripe simulator's Stripe.js has no '${type}' Element; it has ${known}.`,
        );
      }
      if (byType.has(type)) {
        throw new IntegrationError(`There is a '${type}' Element already; destroy it first.`);
      }
      const element = createElement(key, group, type, elementOptions, () => byType.delete(type));
      byType.set(type, element);
      return element;
    },
    /** By type, or by the component of react-stripe-js, which names its type. */
    getElement(typeOrComponent) {
      return byType.get(typeOrComponent?.__elementType ?? typeOrComponent) ?? null;
    },
    update(changes) {
      options = { ...options, ...changes }; // nothing of it shows in card Elements
    },
  };
}

function createElement(key, group, type, options, onDestroy) {
  const listeners = new Map();
  let classes = { ...ELEMENT_CLASSES, ...options.classes };
  let container = null;
  let frame = null;
  let destroyed = false;

  const element = {
    on(event, handler) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(handler);
      return element;
    },
    once(event, handler) {
      const onlyOnce = (payload) => {
        element.off(event, onlyOnce);
        handler(payload);
      };
      return element.on(event, onlyOnce);
    },
    off(event, handler) {
      if (handler) listeners.get(event)?.delete(handler);
      else listeners.delete(event);
      return element;
    },
    mount(target) {
      if (destroyed) throw new IntegrationError('This Element was destroyed; create another one.');
      const node = typeof target === 'string' ? document.querySelector(target) : target;
      if (!(node instanceof HTMLElement)) {
        throw new IntegrationError(`There is no node to mount the Element to: ${target}.`);
      }
      if (frame && container === node) return;
      element.unmount();
      container = node;
      frame = createFrame(container, { type, group, key, options }, onFrameEvent);
      mountedFrames.set(element, frame);
      mark(classes.base, true);
      mark(classes.empty, !options.value?.postalCode);
      document.addEventListener('click', onClick);
    },
    unmount() {
      if (!frame) return;
      for (const name of Object.values(classes)) mark(name, false);
      document.removeEventListener('click', onClick);
      mountedFrames.delete(element);
      frame.remove();
      container = null;
      frame = null;
    },
    destroy() {
      element.unmount();
      listeners.clear();
      destroyed = true;
      onDestroy();
    },
    update(changes) {
      options = { ...options, ...changes };
      if (changes.classes) {
        for (const name of Object.values(classes)) mark(name, false);
        classes = { ...ELEMENT_CLASSES, ...changes.classes };
        mark(classes.base, frame !== null);
      }
      frame?.tell('update', { ...changes, classes: undefined });
    },
    focus() {
      frame?.iframe.focus(); // the keyboard must be in the frame before it can be in a field
      frame?.tell('focus');
    },
    blur() {
      frame?.tell('blur');
    },
    clear() {
      frame?.tell('clear');
    },
  };
  return element;

  function mark(name, isSet) {
    const names = name.split(/\s+/).filter(Boolean);
    for (const each of names) container?.classList.toggle(each, isSet);
  }

  function onFrameEvent({ event, ...payload }) {
    if (event === 'submit') {
      submitForm(container);
      return;
    }
    if (event === 'change') {
      mark(classes.empty, payload.empty);
      mark(classes.complete, payload.complete);
      mark(classes.invalid, payload.error !== undefined);
    }
    if (event === 'focus' || event === 'blur') mark(classes.focus, event === 'focus');
    for (const handler of [...(listeners.get(event) ?? [])]) {
      handler({ elementType: type, ...payload });
    }
  }

  /** A label of the container is a label of the Element. */
  function onClick({ target }) {
    const label = target instanceof Element ? target.closest('label') : null;
    if (!label) return;
    const isFor = container.id !== '' && label.htmlFor === container.id;
    if (isFor || label.contains(container)) element.focus();
  }
}

/** What the Enter key does in an input of the page's own form. */
function submitForm(container) {
  const form = container.closest('form');
  if (!form) return;
  const button = form.querySelector('button:not([type]), [type=submit]');
  if (button) button.click();
  else form.requestSubmit();
}

/**
 * The frame of an Element that the page hands in.
 *
 * Throws an IntegrationError unless it is a mounted Element of one of these types.
 */
function frameOf(element, ...types) {
  const frame = mountedFrames.get(element);
  const isOfType = frame && types.some((type) => FRAME_TITLES[type] === frame.iframe.title);
  if (!isOfType) {
    throw new IntegrationError(`This needs a mounted Element of type ${types.join(' or ')}.`);
  }
  return frame;
}

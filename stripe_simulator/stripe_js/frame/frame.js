/**
 * One Element: its inputs, their state, and the conversation with the page around it.
 *
 * The page sends a MessagePort and from then on asks for actions; it learns whether the fields are
 * empty, complete or wrong, and what the API answered. It never learns what was typed. Elements of
 * one page that belong together (`cardNumber`, `cardExpiry`, `cardCvc`) find each other as frames
 * of the same origin, past the page.
 */

addEventListener('message', function connect(event) {
  if (event.source !== parent || event.ports.length !== 1) return;
  removeEventListener('message', connect);
  startElement(event.ports[0], event.data);
});

function startElement(port, { type, group, key, options }) {
  const row = document.createElement('div');
  row.className = 'fields';
  const fields = FIELDS_OF_ELEMENT[type].map((definition) => createField(definition, type));
  let icon = badgeOf('unknown');
  let focused = false;
  let lastState = '';

  const element = { group, type, fields, refresh, revealErrors };
  window.stripeElement = element;

  const [first, ...others] = fields;
  row.append(groupOf([first], icon), groupOf(others));
  for (const field of fields) {
    field.input.addEventListener('input', (event) => onInput(field, event));
    field.input.addEventListener('keydown', (event) => onKeyDown(field, event));
  }
  row.addEventListener('focusin', onFocusIn);
  row.addEventListener('focusout', onFocusOut);
  document.body.append(row);
  applyOptions({ hideIcon: type !== 'card', ...options });
  new ResizeObserver(([{ target }]) => {
    port.postMessage({ event: 'resize', height: target.getBoundingClientRect().height });
  }).observe(row);

  const actions = {
    update,
    focus: () => {
      window.focus(); // another frame may have had it until now
      visibleFields()[0].input.focus();
    },
    blur: () => document.activeElement.blur(),
    clear,
    createPaymentMethod: (data) => submit(() => createPaymentMethod(key, data)),
    createToken: (data) => submit(() => createCardToken(key, data)),
    createCvcToken: () => submit(() => createCvcToken(key), [element]),
  };
  port.onmessage = async ({ data: { action, argument, id } }) => {
    const result = await actions[action](argument);
    if (id !== undefined) port.postMessage({ id, result });
  };
  showFields();
  lastState = JSON.stringify(state());
  port.postMessage({ event: 'ready' });

  function brand() {
    const number = relatedFields().find(({ definition }) => definition.key === 'number');
    return number ? brandOf(digitsOf(number.input.value)) : UNKNOWN_BRAND;
  }

  function context() {
    return { cvcLengths: brand().cvc };
  }

  function visibleFields() {
    return fields.filter(({ input }) => !input.hidden);
  }

  /** The fields of all Elements that this one is used together with. */
  function relatedFields() {
    return type === 'card' ? fields : relatedElements().flatMap((related) => related.fields);
  }

  function relatedElements() {
    if (type === 'card') return [element];
    const frames = Array.from({ length: parent.length }, (_, index) => parent[index]);
    return frames.map(elementIn).filter((other) => other?.group === group && other.type !== 'card');
  }

  function state() {
    const shown = visibleFields();
    const problems = shown.map((field) => field.problem(context()));
    const wrong = problems.find((problem, index) => problem && shown[index].isShown(problem));
    return {
      empty: shown.every(({ input }) => input.value === ''),
      complete: problems.every((problem) => problem === null),
      error: wrong && { type: 'validation_error', code: wrong.code, message: wrong.message },
      ...((type === 'card' || type === 'cardNumber') && { brand: brand().name }),
      ...(type === 'card' && { value: { postalCode: fields[3].input.value.trim() } }),
    };
  }

  function showFields() {
    for (const field of visibleFields()) field.show(context());
    const badge = badgeOf(brand().name);
    icon.replaceWith(badge);
    icon = badge;
  }

  /** Show what is right and wrong now, and tell the page if that is news. */
  function refresh({ always = false } = {}) {
    showFields();
    const current = state();
    if (!always && JSON.stringify(current) === lastState) return;
    lastState = JSON.stringify(current);
    port.postMessage({ event: 'change', ...current });
  }

  function revealErrors() {
    for (const field of fields) field.left = true;
    refresh();
  }

  function onInput(field, event) {
    const { input, definition } = field;
    const deleting = (event.inputType ?? '').startsWith('delete');
    const before = digitsOf(input.value.slice(0, input.selectionStart)).length;
    const atEnd = input.selectionStart === input.value.length;
    input.value = definition.format(input.value, { deleting, ...context() });
    if (!atEnd) {
      const caret = caretAfterDigits(input.value, before);
      input.setSelectionRange(caret, caret);
    }
    if (input.value === '') field.left = false;
    refresh({ always: true });
    if (definition === NUMBER) {
      for (const related of relatedElements()) if (related !== element) related.refresh();
    }
    const isDone = definition.isFull(input.value, context()) && !field.problem(context());
    if (isDone && atEnd && !deleting) neighbour(field, 1)?.input.focus();
  }

  function onKeyDown(field, event) {
    if (event.key === 'Enter') port.postMessage({ event: 'submit' });
    if (event.key === 'Escape') port.postMessage({ event: 'escape' });
    if (event.key === 'Backspace' && field.input.value === '') {
      const previous = neighbour(field, -1);
      if (previous) {
        event.preventDefault();
        previous.input.focus();
      }
    }
  }

  function neighbour(field, step) {
    const shown = visibleFields();
    return shown[shown.indexOf(field) + step];
  }

  function onFocusIn() {
    if (focused) return;
    focused = true;
    port.postMessage({ event: 'focus' });
  }

  function onFocusOut(event) {
    const left = fields.find(({ input }) => input === event.target);
    left.left = left.input.value !== '';
    if (!event.relatedTarget) {
      focused = false;
      port.postMessage({ event: 'blur' });
    }
    refresh();
  }

  function clear() {
    for (const field of fields) field.clear();
    refresh();
  }

  function update(changes) {
    applyOptions(changes);
    refresh();
  }

  function applyOptions({ style, disabled, hidePostalCode, placeholder, value, ...icons }) {
    const hideIcon = 'showIcon' in icons ? !icons.showIcon : icons.hideIcon;
    if (hideIcon !== undefined) row.classList.toggle('without-icon', hideIcon);
    if (style) applyStyle(style);
    for (const { definition, input } of fields) {
      if (disabled !== undefined) input.disabled = disabled;
      if (placeholder !== undefined && type !== 'card') input.placeholder = placeholder;
      if (definition !== POSTAL_CODE) continue;
      if (hidePostalCode !== undefined) input.hidden = hidePostalCode;
      if (value?.postalCode !== undefined) input.value = definition.format(value.postalCode);
    }
  }

  /** Make a call with what was typed, unless something is missing or wrong. */
  async function submit(call, elements = relatedElements()) {
    for (const related of elements) related.revealErrors();
    for (const { definition, input } of elements.flatMap((related) => related.fields)) {
      const problem = input.hidden ? null : definition.check(input.value, context());
      if (problem) {
        const { code, message } = problem;
        return { error: { type: 'validation_error', code, message } };
      }
    }
    return call();
  }

  function typed(definition) {
    const field = relatedFields().find((related) => related.definition.key === definition.key);
    return field && !field.input.hidden ? field.input.value : undefined;
  }

  function cardDetails() {
    const { month, year } = expiryOf(typed(EXPIRY) ?? '');
    return {
      number: digitsOf(typed(NUMBER) ?? ''),
      exp_month: month,
      exp_year: year,
      cvc: typed(CVC),
    };
  }

  function createPaymentMethod(apiKey, data) {
    const details = data.billing_details ?? {};
    const address = { postal_code: typed(POSTAL_CODE), ...details.address };
    return callApi(apiKey, 'POST', '/v1/payment_methods', {
      ...data,
      type: 'card',
      card: cardDetails(),
      billing_details: { ...details, address },
    });
  }

  function createCardToken(apiKey, data) {
    return callApi(apiKey, 'POST', '/v1/tokens', {
      card: { address_zip: typed(POSTAL_CODE), ...data, ...cardDetails() },
    });
  }

  function createCvcToken(apiKey) {
    return callApi(apiKey, 'POST', '/v1/tokens', { cvc_update: { cvc: typed(CVC) } });
  }
}

/** The Element in another frame of the page, if that frame is one of ours. */
function elementIn(frame) {
  try {
    return frame.stripeElement;
  } catch {
    return undefined; // a frame of another origin
  }
}

/** Fields that stay on one line. */
function groupOf(fields, ...before) {
  const group = document.createElement('div');
  group.className = 'group';
  group.append(...before, ...fields.flatMap(({ input, message }) => [input, message]));
  return group;
}

/** One input. `left` is whether somebody has been there and gone on. */
function createField(definition, type) {
  const input = document.createElement('input');
  const message = document.createElement('span');
  message.className = 'message';
  message.id = `${definition.key}-message`;
  const { name, autocomplete, inputMode, label } = definition;
  Object.assign(input, { type: 'text', name, autocomplete, inputMode, spellcheck: false });
  input.placeholder =
    (type !== 'card' && definition.standalonePlaceholder) || definition.placeholder;
  input.setAttribute('aria-label', label);
  input.setAttribute('aria-describedby', message.id);
  input.setAttribute('aria-required', 'true');
  input.style.setProperty('--width', definition.width);
  return {
    definition,
    input,
    message,
    left: false,
    problem(context) {
      return definition.check(input.value, context);
    },
    isShown(problem) {
      return this.left || !problem.incomplete;
    },
    show(context) {
      const problem = this.problem(context);
      const isWrong = problem !== null && this.isShown(problem);
      message.textContent = isWrong ? problem.message : '';
      input.setAttribute('aria-invalid', String(isWrong));
      input.classList.toggle('invalid', isWrong);
      input.classList.toggle('empty', input.value === '');
      input.classList.toggle('complete', problem === null);
    },
    clear() {
      input.value = '';
      this.left = false;
    },
  };
}

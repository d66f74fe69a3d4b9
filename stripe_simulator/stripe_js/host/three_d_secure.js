/**
 * The bank's challenge: a modal dialog with the three things that can happen.
 *
 * It lives in a shadow root, so that neither the page's styles nor its scripts' selectors meet it
 * by accident; an open one, so that tests find its buttons.
 */

const CHALLENGE_STYLES = new CSSStyleSheet();
CHALLENGE_STYLES.replaceSync(`
  dialog {
    box-sizing: border-box;
    width: min(26rem, calc(100vw - 2rem));
    max-height: calc(100vh - 2rem);
    overflow: auto;
    padding: 1.5rem;
    border: 1px solid light-dark(#d0d7de, #444c56);
    border-radius: 0.75rem;
    background: light-dark(#fff, #1c2128);
    color: light-dark(#1c2128, #f0f3f6);
    font: 1rem/1.5 system-ui, sans-serif;
    box-shadow: 0 1rem 3rem rgb(0 0 0 / 0.3);
  }
  dialog::backdrop {
    background: rgb(10 14 20 / 0.6);
  }
  h2 {
    margin: 0 0 0.5rem;
    font-size: 1.25rem;
    line-height: 1.3;
    outline: none;
  }
  p {
    margin: 0 0 1rem;
  }
  dl {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 0.25rem 1rem;
    margin: 0 0 1.25rem;
    padding: 0.75rem 1rem;
    border-radius: 0.5rem;
    background: light-dark(#f3f5f7, #2a313a);
  }
  dt {
    color: light-dark(#57606a, #adbac7);
  }
  dd {
    margin: 0;
    text-align: right;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .answers {
    display: grid;
    gap: 0.5rem;
  }
  button {
    min-height: 2.75rem;
    padding: 0.5rem 1rem;
    border: 1px solid light-dark(#8c959f, #768390);
    border-radius: 0.5rem;
    background: transparent;
    color: inherit;
    font: inherit;
    font-weight: 600;
    cursor: pointer;
  }
  button.primary {
    border-color: transparent;
    background: light-dark(#0b5fc4, #6cb2ff);
    color: light-dark(#fff, #0d1117);
  }
  button:hover {
    filter: brightness(0.93);
  }
  button:focus-visible {
    outline: 3px solid light-dark(#0b5fc4, #6cb2ff);
    outline-offset: 2px;
  }
  button[aria-disabled='true'] {
    opacity: 0.6;
    cursor: progress;
  }
  [role='alert']:empty {
    display: none;
  }
  [role='alert'] {
    color: light-dark(#b3152a, #ff9aa5);
  }
  @media (prefers-reduced-motion: no-preference) {
    dialog[open] {
      animation: appear 0.15s ease-out;
    }
    @keyframes appear {
      from {
        opacity: 0;
        transform: translateY(0.5rem);
      }
    }
  }
`);

/**
 * Show a challenge until it has been answered or closed, which the bank takes for a failure.
 *
 * answer(outcome) tells the simulator 'succeed' or 'fail'; resolves to what it resolved to.
 */
function showChallenge(intent, answer) {
  const title = htmlElement('h2', { id: 'title', tabIndex: -1, autofocus: true }, [
    'Confirm with your bank',
  ]);
  const problem = htmlElement('p', { role: 'alert' });
  const buttons = [
    htmlElement('button', { type: 'button', className: 'primary' }, ['Complete']),
    htmlElement('button', { type: 'button' }, ['Fail']),
    htmlElement('button', { type: 'button' }, ['Close']),
  ];
  const [complete, fail, close] = buttons;
  const dialog = htmlElement(
    'dialog',
    { 'aria-labelledby': 'title', 'aria-describedby': 'about' },
    [
      title,
      htmlElement('p', { id: 'about' }, [
        'This is the test bank of the Stripe simulator. A real bank would ask for a code, or for' +
          ' a look at its app.',
      ]),
      summaryOf(intent),
      problem,
      htmlElement('div', { className: 'answers' }, buttons),
    ],
  );
  const host = htmlElement('div', {});
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [CHALLENGE_STYLES];
  root.append(dialog);
  document.body.append(host);

  return new Promise((resolve) => {
    let answering = null;
    const answerWith = async (outcome) => {
      if (answering) return;
      problem.textContent = '';
      for (const button of [complete, fail]) button.setAttribute('aria-disabled', 'true');
      answering = answer(outcome);
      const { error } = await answering;
      if (!dialog.open) return;
      if (error?.type !== CONNECTION_ERROR.type) {
        dialog.close();
        return;
      }
      answering = null;
      problem.textContent = 'The bank could not be reached. Check your connection and try again.';
      for (const button of [complete, fail]) button.setAttribute('aria-disabled', 'false');
    };
    complete.addEventListener('click', () => answerWith('succeed'));
    fail.addEventListener('click', () => answerWith('fail'));
    close.addEventListener('click', () => dialog.close());
    dialog.addEventListener('keydown', (event) => keepFocus(event, root.activeElement, buttons));
    // The Escape key ends here as well.
    dialog.addEventListener('close', async () => {
      const given = await answering;
      const isGiven = given && given.error?.type !== CONNECTION_ERROR.type;
      host.remove();
      resolve(isGiven ? given : await answer('fail'));
    });
    dialog.showModal();
  });
}

function summaryOf(intent) {
  const rows = [['Merchant', intent.statement_descriptor || location.host]];
  if (intent.object === 'payment_intent') {
    rows.push(['Amount', formattedAmount(intent.amount, intent.currency)]);
  } else {
    rows.push(['For', 'Saving your card; nothing is charged']);
  }
  return htmlElement(
    'dl',
    {},
    rows.flatMap(([term, text]) => [htmlElement('dt', {}, [term]), htmlElement('dd', {}, [text])]),
  );
}

/** Tab goes round in the dialog, past the browser's own controls. */
function keepFocus(event, focused, buttons) {
  if (event.key !== 'Tab') return;
  const first = buttons[0];
  const last = buttons[buttons.length - 1];
  const isInside = buttons.includes(focused);
  if (event.shiftKey ? focused === first || !isInside : focused === last) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}

function htmlElement(tag, properties, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

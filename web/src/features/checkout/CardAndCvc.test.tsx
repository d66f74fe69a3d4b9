import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render, screen, waitFor } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { useEffect } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiProvider, createApi, type PaymentMethod } from '@/api/client';
import { usePaymentMethods } from '@/api/listPaymentMethods';
import { localProblem } from '@/api/problem';
import { Route, Switch } from '@/lib/routing';

import { CardAndCvc } from './CardAndCvc';
import type { PayOutcome, PayTools } from './pay';
import { StartedPayments } from './startedPayments';
import { StartedPaymentsProvider } from './useStartedPayments';

const cvc = vi.hoisted(() => ({ focus: vi.fn(), clear: vi.fn() }));
const field = vi.hoisted(() => ({ isFast: true, comes: (): unknown => undefined }));
vi.mock('@stripe/react-stripe-js', () => ({
  CardCvcElement: ({ onReady }: { onReady: () => void }) => {
    useEffect(() => {
      if (field.isFast) onReady();
      field.comes = onReady;
    }, [onReady]);
    return <div data-testid="cvc" />;
  },
  useStripe: () => ({}),
  useElements: () => ({ getElement: () => cvc }),
}));

const CARD: PaymentMethod = {
  payment_method_id: 'pm_1',
  type: 'card',
  brand: 'visa',
  last4: '4242',
  exp_month: 12,
  exp_year: 2099,
  expired: false,
  default: false,
  usable_off_session: false,
  cardholder_name: 'Ada',
  billing_details: {
    name: 'Ada',
    email: null,
    phone: null,
    address: {
      line1: null,
      line2: null,
      city: null,
      state: null,
      postal_code: null,
      country: null,
    },
  },
  created_at: '2026-11-01T10:00:00+00:00',
};
const EXPIRED = {
  ...CARD,
  payment_method_id: 'pm_0',
  last4: '0000',
  exp_year: 2020,
  expired: true,
};
const PRICE = { amount: 2400, currency: 'eur' };

/** A payment that the test controls. */
class SlowPayment {
  calls: { paymentMethodId: string }[] = [];
  tools: PayTools | null = null;
  end: (outcome: PayOutcome) => void = () => undefined;
  pay = (choice: { paymentMethodId: string }, tools: PayTools): Promise<PayOutcome> => {
    this.calls.push(choice);
    this.tools = tools;
    tools.onStep('creating');
    return new Promise((resolve) => {
      this.end = resolve;
    });
  };
}

let payment: SlowPayment;
let saved: PaymentMethod[];
const addCard = vi.fn();

function Form({ challengedPaymentMethodId }: { challengedPaymentMethodId: string | null }) {
  const cards = usePaymentMethods();
  if (!cards.data) return null;
  return (
    <CardAndCvc
      lock="an order"
      cards={cards}
      amount="€24.00"
      shown={PRICE}
      chosen={null}
      onChoose={() => undefined}
      onAddCard={addCard}
      focusOnCard={false}
      challengedPaymentMethodId={challengedPaymentMethodId}
      pay={payment.pay}
      onAcceptPrice={() => undefined}
      onRefusePrice={() => undefined}
    />
  );
}

async function show({
  saved: found = [EXPIRED, CARD],
  challengedPaymentMethodId = null as string | null,
} = {}) {
  saved = found;
  const tokens = {
    fetchIdToken: () => Promise.resolve('jwt'),
    expire: () => undefined,
    accountBeingDeleted: () => undefined,
  };
  const api = createApi('/v1', tokens, () =>
    Promise.resolve(Response.json({ data: saved, next_cursor: null })),
  );
  history.replaceState(null, '', '/');
  render(
    <ApiProvider value={api}>
      <StartedPaymentsProvider value={new StartedPayments(localStorage, () => 'grace')}>
        <QueryClientProvider client={new QueryClient()}>
          <Switch>
            <Route path="/">
              <Form challengedPaymentMethodId={challengedPaymentMethodId} />
            </Route>
            <Route>
              <p>elsewhere</p>
            </Route>
          </Switch>
        </QueryClientProvider>
      </StartedPaymentsProvider>
    </ApiProvider>,
  );
  await screen.findByText('Card');
  await waitFor(() =>
    expect(screen.queryByRole('button', { name: /^Loading/ }) === null).toBe(field.isFast),
  );
}

const refused = (code: string): PayOutcome => ({
  kind: 'refused',
  problem: { ...localProblem(code, ''), status: 402 },
});

beforeEach(() => {
  field.isFast = true;
  payment = new SlowPayment();
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe('the payment form', () => {
  it('waits for the field of the security code, which comes from Stripe', async () => {
    field.isFast = false;
    await show();
    const button = screen.getByRole('button', { name: 'Loading the security code field…' });
    await userEvent.click(button);
    expect(payment.calls).toHaveLength(0);
    await act(() => void field.comes());
    await userEvent.click(screen.getByRole('button', { name: 'Pay €24.00' }));
    expect(payment.calls).toHaveLength(1);
  });

  it('pays once, however often the button is pressed', async () => {
    await show();
    const button = screen.getByRole('button', { name: 'Pay €24.00' });
    await userEvent.dblClick(button);
    await userEvent.click(button);
    expect(payment.calls).toHaveLength(1);
  });

  it('is locked while it is busy, and says what it is waiting for', async () => {
    await show();
    await userEvent.click(screen.getByRole('button', { name: 'Pay €24.00' }));
    expect(screen.getByRole('status').textContent).toBe('Placing your order…');
    expect(screen.getByRole('radio', { name: /4242/ }).matches(':disabled')).toBe(true);
    expect(screen.getByRole('button', { name: 'Paying…' }).ariaDisabled).toBe('true');
    payment.tools?.onStep('authenticating');
    await screen.findByText(/Your bank needs to confirm that it is you/);
  });

  it('says why the payment was refused, moves the focus there, and can be used again', async () => {
    await show();
    await userEvent.click(screen.getByRole('button', { name: 'Pay €24.00' }));
    payment.end(refused('card_declined'));
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Your card was declined');
    await waitFor(() => expect(document.activeElement).toBe(alert));
    expect(cvc.clear).toHaveBeenCalled();
    expect(screen.getByRole('status').textContent).toBe('');
    await userEvent.click(screen.getByRole('button', { name: 'Pay €24.00' }));
    expect(payment.calls).toHaveLength(2);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it.each(['payment_refused', 'payment_not_confirmable', 'payment_needs_review'])(
    'leads back to the shop after %s, which no other code or card can help',
    async (code) => {
      await show();
      await userEvent.click(screen.getByRole('button', { name: 'Pay €24.00' }));
      payment.end(refused(code));
      expect(
        (await screen.findByRole('link', { name: 'Back to the shop' })).getAttribute('href'),
      ).toBe('/');
      expect(screen.queryByRole('button', { name: 'Use another card' })).toBeNull();
    },
  );

  it('moves the focus to the security code when it is incomplete', async () => {
    await show();
    await userEvent.click(screen.getByRole('button', { name: 'Pay €24.00' }));
    payment.end({ kind: 'cvc_invalid', message: 'It is incomplete.' });
    await screen.findByText('It is incomplete.');
    expect(cvc.focus).toHaveBeenCalled();
  });

  it('offers no expired card, and selects the first valid one', async () => {
    await show();
    expect(screen.getByRole('radio', { name: /0000/ }).matches(':disabled')).toBe(true);
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /4242/ }).checked).toBe(true);
    await userEvent.click(screen.getByRole('button', { name: 'Pay €24.00' }));
    expect(payment.calls[0]?.paymentMethodId).toBe('pm_1');
  });

  it('selects the default card, wherever it is in the list', async () => {
    const preferred = { ...CARD, payment_method_id: 'pm_2', last4: '1111', default: true };
    await show({ saved: [CARD, preferred] });
    await userEvent.click(screen.getByRole('button', { name: 'Pay €24.00' }));
    expect(payment.calls[0]?.paymentMethodId).toBe('pm_2');
  });

  it('selects another card if the default one has expired', async () => {
    await show({ saved: [{ ...EXPIRED, default: true }, CARD] });
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /4242/ }).checked).toBe(true);
  });

  it('looks for what is saved if the card is gone', async () => {
    await show();
    await userEvent.click(screen.getByRole('button', { name: 'Pay €24.00' }));
    saved = [{ ...CARD, payment_method_id: 'pm_2', last4: '1111' }];
    payment.end(refused('payment_method_not_found'));
    await screen.findByRole('radio', { name: /1111/ });
    expect(screen.queryByRole('radio', { name: /4242/ })).toBeNull();
    expect(location.pathname).toBe('/');
  });

  it('cannot pay without a card, but offers to add one', async () => {
    await show({ saved: [EXPIRED] });
    expect(screen.queryByRole('button', { name: /Pay/ })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Add a card' }));
    expect(addCard).toHaveBeenCalledOnce();
  });

  it('asks for no code while the bank is waiting, and for one after its check has failed', async () => {
    await show({ challengedPaymentMethodId: 'pm_1' });
    expect(screen.queryByTestId('cvc')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Continue and pay €24.00' }));
    payment.end(refused('authentication_failed'));
    await screen.findByTestId('cvc');
  });

  it('leads to the receipt', async () => {
    await show();
    await userEvent.click(screen.getByRole('button', { name: 'Pay €24.00' }));
    const paid = { payment_id: 'pay_1', status: 'succeeded' } as Extract<
      PayOutcome,
      { kind: 'succeeded' }
    >['payment'];
    payment.end({ kind: 'succeeded', payment: paid, paidBefore: false });
    await waitFor(() => expect(location.pathname).toBe('/payments/pay_1/receipt'));
  });
});

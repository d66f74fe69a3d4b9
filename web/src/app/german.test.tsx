import { i18n } from '@lingui/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { ApiProvider, createApi } from '@/api/client';
import { localProblem } from '@/api/problem';
import { ProblemAlert } from '@/components/ProblemAlert';
import { Session } from '@/features/session/session';
import { SessionProvider } from '@/features/session/useSession';
import { RegisterPage } from '@/features/signup/RegisterPage';
import { startLanguage } from '@/lib/language';

import { Footer } from './Footer';

const session = new Session(() => Promise.reject(new Error('nobody logs in')), localStorage);

beforeEach(async () => {
  history.replaceState(null, '', '/register?next=%2Fcards&lang=de');
  await startLanguage();
  render(
    <SessionProvider value={session}>
      <ApiProvider value={createApi('/v1', session)}>
        <QueryClientProvider client={new QueryClient()}>
          <ProblemAlert problem={localProblem('card_declined', '')} place="paying" />
          <RegisterPage />
          <Footer />
        </QueryClientProvider>
      </ApiProvider>
    </SessionProvider>,
  );
});

afterEach(() => {
  cleanup();
  localStorage.clear();
  history.replaceState(null, '', '/');
  i18n.loadAndActivate({ locale: 'en', messages: {} });
});

it('speaks German on a German page: labels, errors, links in sentences and problems', async () => {
  expect(screen.getByText('Ihre Karte wurde abgelehnt')).not.toBeNull();
  expect(
    screen.getByText(
      'Es wurde nichts abgebucht. Bitte fragen Sie Ihre Bank nach dem Grund oder nehmen Sie eine andere Karte.',
    ),
  ).not.toBeNull();
  await userEvent.type(screen.getByLabelText('E-Mail-Adresse'), 'ada');
  await userEvent.click(screen.getByRole('button', { name: 'Registrieren' }));
  expect(screen.getByText('Bitte geben Sie Ihren Namen ein.')).not.toBeNull();
  expect(screen.getByText(/^Schon registriert\?/).textContent).toBe('Schon registriert? Anmelden');
  expect(screen.getByRole('link', { name: 'Anmelden' }).getAttribute('href')).toMatch(/^\/login/);
});

it('offers the page in each language, at an address that keeps the rest', () => {
  const german = screen.getByRole('link', { name: 'Deutsch' });
  const english = screen.getByRole('link', { name: 'English' });
  expect(german.getAttribute('aria-current')).toBe('true');
  expect(english.getAttribute('aria-current')).toBeNull();
  expect(english.getAttribute('href')).toMatch(/\/register\?next=%2Fcards&lang=en$/);
});

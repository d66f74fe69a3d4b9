import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/preact';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { ApiProvider, createApi } from '@/api/client';
import { Session } from '@/features/session/session';
import { SessionProvider } from '@/features/session/useSession';
import { RegisterPage } from '@/features/signup/RegisterPage';
import { type Config, PLAIN_SHOP, type Shop } from '@/lib/config';
import { ConfigProvider } from '@/lib/useConfig';

import { Footer } from './Footer';
import { Logo } from './Logo';
import { showShop } from './showShop';

const session = new Session(() => Promise.reject(new Error('nobody logs in')), localStorage);
const api = createApi('/v1', session);

function show(shop: Partial<Shop>): void {
  const config = { shop: { ...PLAIN_SHOP, ...shop } } as Config;
  render(
    <ConfigProvider value={config}>
      <SessionProvider value={session}>
        <ApiProvider value={api}>
          <QueryClientProvider client={new QueryClient()}>
            <Logo />
            <RegisterPage />
            <Footer />
          </QueryClientProvider>
        </ApiProvider>
      </SessionProvider>
    </ConfigProvider>,
  );
}

const address = (name: string) => screen.queryByRole('link', { name })?.getAttribute('href');

afterEach(cleanup);

describe('the shop’s own', () => {
  it('asks for birth date and gender only where the merchant wants it', () => {
    show({});
    expect(screen.queryByLabelText(/Date of birth/)).toBeNull();
    expect(screen.queryByLabelText(/Gender/)).toBeNull();
    cleanup();

    show({ asks: ['birthdate', 'gender'] });
    expect(screen.getByLabelText(/Date of birth/)).not.toBeNull();
    expect(screen.getByLabelText(/Gender/)).not.toBeNull();
  });

  it('links to terms, privacy and contact where there are any', () => {
    show({});
    expect([address('Terms'), address('Privacy'), address('Contact')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    cleanup();

    show({
      terms_url: 'https://meyer.example/terms',
      privacy_url: 'https://meyer.example/privacy',
      contact_url: 'mailto:hello@meyer.example',
    });
    expect(address('Terms')).toBe('https://meyer.example/terms');
    expect(address('Privacy')).toBe('https://meyer.example/privacy');
    expect(address('Contact')).toBe('mailto:hello@meyer.example');
  });

  it('names the shop, with its logo and colour', async () => {
    const shop = { ...PLAIN_SHOP, name: 'Meyer', logo_url: '/logo.svg', colour: '#aa0000' };
    showShop(shop);
    show(shop);
    expect(screen.getByText(/Meyer never sees your card number/)).not.toBeNull();
    expect(document.querySelector('img')?.getAttribute('src')).toBe('/logo.svg');
    await vi.waitFor(() => expect(document.title).toBe('Register · Meyer'));
    expect(document.documentElement.style.getPropertyValue('--shop-colour')).toBe('#aa0000');
    expect(document.documentElement.dataset.colour).toBe('shop');
  });
});

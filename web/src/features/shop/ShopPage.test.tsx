import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';

import { ApiProvider, createApi, type Product } from '@/api/client';
import { useProduct } from '@/api/getProduct';

import { ShopPage } from './ShopPage';

afterEach(cleanup);

const product = (name: string): Product => ({
  product_id: name.toLowerCase(),
  name,
  description: '',
  image_url: null,
  prices: { eur: 1099 },
});

function Name({ of: id }: { of: string }) {
  return <p>{useProduct(id).data?.name ?? '…'}</p>;
}

/** Shows the shop, or what is given, with these answers; returns the requests, in their order. */
function show(answers: Record<string, unknown>, screen = <ShopPage />) {
  history.replaceState(null, '', '/');
  const asked: string[] = [];
  const queries = new QueryClient();
  const tokens = {
    fetchIdToken: () => Promise.resolve(null),
    expire: () => undefined,
    accountBeingDeleted: () => undefined,
  };
  const api = createApi('/v1', tokens, ({ url, cache }) => {
    const { pathname, search } = new URL(url);
    asked.push(pathname + search);
    expect(cache).toBe('no-cache');
    return Promise.resolve(Response.json(answers[pathname + search]));
  });
  const page = (shown: React.ReactNode) => (
    <ApiProvider value={api}>
      <QueryClientProvider client={queries}>{shown}</QueryClientProvider>
    </ApiProvider>
  );
  const { rerender } = render(page(screen));
  return { asked, go: (next: React.ReactNode) => rerender(page(next)) };
}

it('shows more products when asked to', async () => {
  const { asked } = show({
    '/v1/products': { data: [product('Coffee')], next_cursor: 'abc' },
    '/v1/products?cursor=abc': { data: [product('Tea')], next_cursor: null },
  });

  await userEvent.click(await screen.findByRole('button', { name: 'Show more products' }));

  expect(await screen.findByRole('heading', { name: 'Tea' })).toBeTruthy();
  expect(screen.getByRole('heading', { name: 'Coffee' })).toBeTruthy();
  expect(screen.queryByRole('button', { name: /Show more/ })).toBeNull();
  expect(asked).toEqual(['/v1/products', '/v1/products?cursor=abc']);
});

it('is empty only if there is no other page', async () => {
  show({
    '/v1/products': { data: [], next_cursor: 'abc' },
    '/v1/products?cursor=abc': { data: [], next_cursor: null },
  });

  const more = await screen.findByRole('button', { name: 'Show more products' });
  expect(screen.queryByText('There is nothing for sale at the moment.')).toBeNull();
  await userEvent.click(more);

  expect(await screen.findByText('There is nothing for sale at the moment.')).toBeTruthy();
});

it('asks for one product only if the list has not shown it', async () => {
  const { asked, go } = show({
    '/v1/products': { data: [product('Coffee')], next_cursor: null },
    '/v1/products/tea': product('Tea'),
  });
  await screen.findByRole('heading', { name: 'Coffee' });

  go([<Name key="coffee" of="coffee" />, <Name key="tea" of="tea" />]);

  expect(await screen.findByText('Tea')).toBeTruthy();
  expect(screen.getByText('Coffee')).toBeTruthy();
  expect(asked).toEqual(['/v1/products', '/v1/products/tea']);
});

it('offers a search if there are more than a dozen, which has an address and goes on by itself', async () => {
  const dozens = Array.from({ length: 13 }, (_, number) => product(`Coffee ${number}`));
  const { asked } = show({
    '/v1/products': { data: dozens, next_cursor: null },
    '/v1/products?q=green%20tea': { data: [], next_cursor: 'abc' },
    '/v1/products?cursor=abc&q=green%20tea': { data: [product('Green tea')], next_cursor: null },
  });

  await userEvent.type(await screen.findByRole('searchbox'), 'green tea{Enter}');

  expect(await screen.findByRole('heading', { name: 'Green tea' })).toBeTruthy();
  expect(screen.getByText('1 product was found.')).toBeTruthy();
  expect(location.search).toBe('?q=green+tea');
  await userEvent.click(screen.getByRole('link', { name: 'Show everything' }));
  expect(await screen.findByRole('heading', { name: 'Coffee 12' })).toBeTruthy();
  expect(asked).toHaveLength(3);
});

it('needs no search for a dozen', async () => {
  show({
    '/v1/products': {
      data: Array.from({ length: 12 }, (_, number) => product(`Coffee ${number}`)),
      next_cursor: null,
    },
  });
  await screen.findByRole('heading', { name: 'Coffee 11' });
  expect(screen.queryByRole('searchbox')).toBeNull();
});

import { useQueries } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

import { type Product, useApi } from '@/api/client';
import { getProduct } from '@/api/getProduct';
import { PRODUCTS_KEY, PRODUCTS_STALE_AFTER_MS } from '@/api/listProducts';
import { ApiError } from '@/api/problem';

import { Cart, type CartLine } from './cart';

/** This browser's cart. */
export const cart = new Cart(localStorage);

export function useCartLines(): readonly CartLine[] {
  return useSyncExternalStore(cart.subscribe, cart.lines);
}

/** The products of these lines as they are sold now, or what keeps us from knowing. */
export function useCartProducts(lines: readonly CartLine[]) {
  const api = useApi();
  const answers = useQueries({
    queries: lines.map(({ productId }) => ({
      queryKey: [...PRODUCTS_KEY, 'cart', productId],
      queryFn: () => soldOrNull(getProduct(api, productId)),
      staleTime: PRODUCTS_STALE_AFTER_MS,
    })),
  });
  const failed = answers.find(({ isError }) => isError);
  const products = new Map(
    lines.map(({ productId }, index) => [productId, answers[index]?.data ?? null]),
  );
  return {
    products,
    isPending: answers.some(({ isPending }) => isPending),
    error: failed?.error ?? null,
    refetch: () => Promise.all(answers.map(({ refetch }) => refetch())),
  };
}

async function soldOrNull(product: Promise<Product>): Promise<Product | null> {
  try {
    return await product;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 404) return null;
    throw error;
  }
}

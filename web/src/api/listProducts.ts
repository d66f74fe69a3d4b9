import { useQuery } from '@tanstack/react-query';

import { type Api, type Product, unwrap, useApi } from './client';

/** GET /products */
export async function listProducts(api: Api): Promise<Product[]> {
  return (await unwrap(api.GET('/products'))).data;
}

export const PRODUCTS_KEY = ['products'];

export function useProducts() {
  const api = useApi();
  return useQuery({ queryKey: PRODUCTS_KEY, queryFn: () => listProducts(api) });
}

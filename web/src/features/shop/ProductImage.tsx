import type { Product } from '@/api/client';

/** The product's picture; its name stands beside it, so it needs no description. */
export function ProductImage({ product }: { product: Pick<Product, 'image_url'> }) {
  return product.image_url === null ? (
    <div className="product-image" />
  ) : (
    <img className="product-image" src={product.image_url} alt="" width={400} height={300} />
  );
}

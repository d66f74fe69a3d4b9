import type { Product } from '@/api/client';

/** The product's image. The alt text is empty because the name is shown beside it. */
export function ProductImage({ product }: { product: Pick<Product, 'image_url'> }) {
  return product.image_url === null ? (
    <div className="product-image" />
  ) : (
    <img className="product-image" src={product.image_url} alt="" width={400} height={300} />
  );
}

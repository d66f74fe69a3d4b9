import type { Product } from '@/api/client';

interface ProductImageProps {
  product: Pick<Product, 'image_url'>;
  /** Loaded once it is nearly in sight. */
  lazy?: boolean;
}

/** The product's image. The alt text is empty because the name is shown beside it. */
export function ProductImage({ product, lazy = true }: ProductImageProps) {
  return product.image_url === null ? (
    <div className="product-image" />
  ) : (
    <img
      className="product-image"
      src={product.image_url}
      alt=""
      width={400}
      height={300}
      loading={lazy ? 'lazy' : 'eager'}
      decoding="async"
    />
  );
}

import { Trans } from '@lingui/react/macro';

import type { Product } from '@/api/client';
import { AddToCart } from '@/features/cart';
import { formatAmount } from '@/lib/money';
import { Link } from '@/lib/routing';

import { priceOf } from './currency';
import { ProductImage } from './ProductImage';

export function ProductCard({
  product,
  preferred,
}: {
  product: Product;
  preferred: string | null;
}) {
  const price = priceOf(product, preferred);
  return (
    <li className="product panel">
      <ProductImage product={product} />
      <div className="product-text">
        <h2>
          <Link to={`/products/${encodeURIComponent(product.product_id)}`}>{product.name}</Link>
        </h2>
        <p className="muted">{product.description}</p>
      </div>
      {price ? (
        <div className="product-buy">
          <p className="price">{formatAmount(price.amount, price.currency)}</p>
          <AddToCart product={product} />
          <Link
            className="button button-primary"
            to={`/checkout/${encodeURIComponent(product.product_id)}?currency=${price.currency}`}
          >
            <Trans>
              Buy<span className="visually-hidden"> {product.name}</span>
            </Trans>
          </Link>
        </div>
      ) : (
        <p className="muted">
          <Trans>Not available at the moment.</Trans>
        </p>
      )}
    </li>
  );
}

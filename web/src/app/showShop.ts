import type { Shop } from '@/lib/config';

/** Names the page after the shop, and gives it its colour: see styles/tokens.css. */
export function showShop({ name, colour }: Shop): void {
  document.title = name;
  if (colour === undefined) return;
  const { dataset, style } = document.documentElement;
  style.setProperty('--shop-colour', colour);
  dataset.colour = 'shop';
}

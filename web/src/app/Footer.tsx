import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';

import { useShop } from '@/lib/useConfig';

import { Languages } from './Languages';

/** What holds for every screen: who sees the card, the merchant's terms, and the languages. */
export function Footer() {
  const { name: shop, terms_url: terms, privacy_url: privacy, contact_url: contact } = useShop();
  const links: readonly (readonly [string, string | undefined])[] = [
    [t`Terms`, terms],
    [t`Privacy`, privacy],
    [t`Contact`, contact],
    [t`API documentation`, '/docs/index.html'],
  ];
  return (
    <footer className="footer">
      <p>
        <Trans>Card payments by Stripe. {shop} never sees your card number.</Trans>
      </p>
      <div className="footer-links">
        {links.map(
          ([text, address]) =>
            address !== undefined && (
              <a key={text} href={address}>
                {text}
              </a>
            ),
        )}
        <Languages />
      </div>
    </footer>
  );
}

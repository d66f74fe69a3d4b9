import { Link } from 'react-router';

import { usePaymentMethods } from '@/api/listPaymentMethods';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ShowMore } from '@/components/ShowMore';

import { SavedCard } from './SavedCard';

export function CardsPage() {
  const cards = usePaymentMethods();
  const saved = cards.data?.pages.flatMap(({ data }) => data);
  return (
    <>
      <PageHeading title="Your cards">
        <Link className="button button-primary" to="/cards/new">
          Add a card
        </Link>
      </PageHeading>
      {cards.isPending && <Loading what="your cards" blocks={2} />}
      {cards.isError && <LoadError error={cards.error} onRetry={cards.refetch} />}
      {saved?.length === 0 && (
        <div className="empty">
          <p>You have no saved cards yet.</p>
          <p className="muted">
            Your card number goes straight from your browser to Stripe. Till only sees the last four
            digits.
          </p>
        </div>
      )}
      {saved && saved.length > 0 && (
        <ul className="cards">
          {saved.map((card) => (
            <SavedCard key={card.payment_method_id} card={card} />
          ))}
        </ul>
      )}
      <ShowMore query={cards} what="cards" />
    </>
  );
}

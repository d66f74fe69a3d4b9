import { useNavigate, useSearchParams } from 'react-router';

import { usePaymentMethods } from '@/api/listPaymentMethods';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';

import { AddCard } from './AddCard';
import { cardLabel } from './brands';

/** Add a card, or with `replaces` in the URL one that takes the place of another. */
export function AddCardPage() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const replaces = search.get('replaces');
  const back = (said: string | null) => navigate('/cards', { replace: true, state: { said } });
  return (
    <div className="narrow">
      <PageHeading title={replaces === null ? 'Add a card' : 'Replace a card'} />
      {replaces === null ? (
        <AddCard
          onSaved={(card) => back(`${cardLabel(card)} is saved.`)}
          onCancel={() => back(null)}
        />
      ) : (
        <ReplaceCard paymentMethodId={replaces} back={back} />
      )}
    </div>
  );
}

function ReplaceCard({
  paymentMethodId,
  back,
}: {
  paymentMethodId: string;
  back: (said: string | null) => unknown;
}) {
  const cards = usePaymentMethods();
  if (cards.isError && !cards.data)
    return <LoadError error={cards.error} onRetry={cards.refetch} />;
  if (!cards.data) return <Loading what="your card" blocks={2} />;
  const saved = cards.data.pages.flatMap(({ data }) => data);
  const replaced = saved.find((card) => card.payment_method_id === paymentMethodId);
  return (
    <>
      {replaced && (
        <p>
          The new card takes the place of your {cardLabel(replaced)}
          {replaced.default && ' as your default card'}, which is then removed.
        </p>
      )}
      <AddCard
        replaced={replaced}
        onSaved={(card) => back(`${cardLabel(card)} is saved.`)}
        onCancel={() => back(null)}
      />
    </>
  );
}

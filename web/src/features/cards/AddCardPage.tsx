import { t } from '@lingui/core/macro';

import { usePaymentMethods } from '@/api/listPaymentMethods';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { useNavigate, useSearchParams } from '@/lib/routing';

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
      <PageHeading title={replaces === null ? t`Add a card` : t`Replace a card`} />
      {replaces === null ? (
        <AddCard
          onSaved={(card) => back(t`${cardLabel(card)} is saved.`)}
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
  if (!cards.data) return <Loading what={t`your card`} blocks={2} />;
  const saved = cards.data.pages.flatMap(({ data }) => data);
  const replaced = saved.find((card) => card.payment_method_id === paymentMethodId);
  const label = replaced ? cardLabel(replaced) : '';
  return (
    <>
      {replaced && (
        <p>
          {replaced.default
            ? t`The new card takes the place of your ${label} as your default card, which is then removed.`
            : t`The new card takes the place of your ${label}, which is then removed.`}
        </p>
      )}
      <AddCard
        replaced={replaced}
        onSaved={(card) => back(t`${cardLabel(card)} is saved.`)}
        onCancel={() => back(null)}
      />
    </>
  );
}

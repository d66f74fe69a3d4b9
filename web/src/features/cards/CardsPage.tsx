import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react';

import { type PaymentMethod, useApi } from '@/api/client';
import { changeShownCards, PAYMENT_METHODS_KEY, usePaymentMethods } from '@/api/listPaymentMethods';
import { problemOf } from '@/api/problem';
import { updatePaymentMethod } from '@/api/updatePaymentMethod';
import { LoadError } from '@/components/LoadError';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { ShowMore } from '@/components/ShowMore';
import { Link, useLocation, useNavigate } from '@/lib/routing';
import { useShop } from '@/lib/useConfig';

import { cardLabel } from './brands';
import { CardActions } from './CardActions';
import { CardBeingRemoved } from './CardBeingRemoved';
import { CardProblem } from './CardProblem';
import { SavedCard } from './SavedCard';
import { useRemoval } from './useRemoval';

// It knows every country and its regions.
const EditCardDialog = lazy(async () => ({
  default: (await import('./EditCardDialog')).EditCardDialog,
}));

export function CardsPage() {
  const { name: shop } = useShop();
  const api = useApi();
  const queries = useQueryClient();
  const cards = usePaymentMethods();
  const { state } = useLocation() as { state: { said?: string | null } | null };
  const [said, setSaid] = useState(state?.said ?? null);
  const navigate = useNavigate();
  const [edited, setEdited] = useState<PaymentMethod | null>(null);
  const outcome = useRef<HTMLParagraphElement>(null);

  /** Say what has happened. The focus goes there if what had it is gone. */
  const say = (text: string, takeFocus: boolean) => {
    setSaid(text);
    if (takeFocus) outcome.current?.focus();
  };
  useLayoutEffect(() => {
    if (state?.said) outcome.current?.focus();
    // Only when the screen opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useEffect(() => {
    // A reload must not say it again.
    if (state?.said) void navigate('/cards', { replace: true, state: null });
    // Only when the screen opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const reload = () => queries.invalidateQueries({ queryKey: PAYMENT_METHODS_KEY });
  const { waiting, failed, remove, undo } = useRemoval((card) => {
    const hadFocus = document.activeElement?.closest('.card-removal') ?? null;
    say(t`${cardLabel(card)} is removed.`, hadFocus !== null);
  });
  const makeDefault = useMutation({
    mutationFn: ({ payment_method_id: id }: PaymentMethod) =>
      updatePaymentMethod(api, id, { default: true }),
    onSuccess: (changed) => {
      const id = changed.payment_method_id;
      changeShownCards(queries, (card) => ({ ...card, default: card.payment_method_id === id }));
      say(t`${cardLabel(changed)} is your default card now.`, true);
    },
    onSettled: reload,
  });
  const saved = cards.data?.pages.flatMap(({ data }) => data);
  return (
    <>
      <PageHeading title={t`Your cards`}>
        <Link className="button button-primary" to="/cards/new">
          <Trans>Add a card</Trans>
        </Link>
      </PageHeading>
      <p ref={outcome} className="outcome" role="status" tabIndex={-1}>
        {!failed && !makeDefault.isError && said}
      </p>
      {failed && <CardProblem problem={failed.problem} />}
      {makeDefault.isError && <CardProblem problem={problemOf(makeDefault.error)} />}
      {cards.isPending && <Loading what={t`your cards`} blocks={2} />}
      {cards.isError && <LoadError error={cards.error} onRetry={cards.refetch} />}
      {saved?.length === 0 && (
        <div className="empty">
          <p>
            <Trans>You have no saved cards yet.</Trans>
          </p>
          <p className="muted">
            <Trans>
              Your card number goes straight from your browser to Stripe. {shop} only sees the last
              four digits.
            </Trans>
          </p>
        </div>
      )}
      {saved && saved.length > 0 && (
        <ul className="cards">
          {saved.map((card) => (
            <li key={card.payment_method_id} className="cards-item">
              {card.payment_method_id === waiting?.payment_method_id ? (
                <CardBeingRemoved
                  card={card}
                  onUndo={() => {
                    undo();
                    say(t`${cardLabel(card)} stays.`, true);
                  }}
                />
              ) : (
                <>
                  <SavedCard card={card} />
                  {card.usable_off_session && (
                    <p className="small muted">
                      <Trans>The shop may charge it when you are not here.</Trans>
                    </p>
                  )}
                  <CardActions
                    card={card}
                    onMakeDefault={() => {
                      if (!makeDefault.isPending) makeDefault.mutate(card);
                    }}
                    onEdit={() => setEdited(card)}
                    onRemove={() => {
                      setSaid(null);
                      makeDefault.reset();
                      remove(card);
                    }}
                  />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      <ShowMore query={cards} what={t`cards`} />
      {edited && (
        <Suspense>
          <EditCardDialog
            card={edited}
            onClose={() => setEdited(null)}
            onSaved={(changed) => {
              changeShownCards(queries, (card) =>
                card.payment_method_id === changed.payment_method_id
                  ? { ...changed, default: card.default }
                  : card,
              );
              say(t`Your changes to ${cardLabel(changed)} are saved.`, false);
              void reload();
            }}
          />
        </Suspense>
      )}
    </>
  );
}

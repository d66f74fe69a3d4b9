import { Elements } from '@stripe/react-stripe-js';
import { useSearchParams } from 'react-router';

import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { StripeLoadError } from '@/components/StripeLoadError';
import { useStripeJs } from '@/components/useStripeJs';
import { nextPath } from '@/features/session';

import { AddCardForm } from './AddCardForm';

/** Add a card. If the user came from a checkout, they return to it with `card` in the URL. */
export function AddCardPage() {
  const [search] = useSearchParams();
  const stripe = useStripeJs();
  return (
    <div className="narrow">
      <PageHeading title="Add a card" />
      {stripe.isPending && <Loading what="the card form" blocks={2} />}
      {stripe.isError && <StripeLoadError onRetry={stripe.refetch} />}
      {stripe.data && (
        <Elements stripe={stripe.data}>
          <AddCardForm next={nextPath(search, '/cards')} />
        </Elements>
      )}
    </div>
  );
}

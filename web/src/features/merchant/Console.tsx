import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';

import { Alert } from '@/components/Alert';
import { Loading } from '@/components/Loading';
import { type Person, type StaffRole, useSession } from '@/features/session';
import { NavLink, Route, Switch } from '@/lib/routing';

import { CataloguePage } from './CataloguePage';
import { OrderPage } from './OrderPage';
import { OrdersPage } from './OrdersPage';
import { OverviewPage } from './OverviewPage';
import { PaymentPage } from './PaymentPage';
import { PaymentsPage } from './PaymentsPage';
import { NewProductPage, ProductPage } from './ProductPage';
import { SetUpOneTimeCodes } from './SetUpOneTimeCodes';

import './console.css';

interface ConsoleProps {
  person: Person;
  role: StaffRole;
}

/** The merchant's console. All of it is one file, which only staff load. */
export function Console({ person, role }: ConsoleProps) {
  const session = useSession();
  // The API refuses staff without such an app. If Cognito cannot tell, the API does.
  const oneTimeCodes = useQuery({
    queryKey: ['one-time-codes', person.userId],
    queryFn: () => session.change((identity) => identity.hasOneTimeCodes()),
    staleTime: Infinity,
    retry: false,
  });
  if (oneTimeCodes.isPending) return <Loading what={t`the console`} />;
  if (oneTimeCodes.data === false) return <SetUpOneTimeCodes email={person.email} />;
  return (
    <>
      <nav className="console-nav" aria-label={t`Console`}>
        <NavLink to="/merchant" end>
          <Trans>Overview</Trans>
        </NavLink>
        <NavLink to="/merchant/payments">
          <Trans>Payments</Trans>
        </NavLink>
        <NavLink to="/merchant/orders">
          <Trans>Orders</Trans>
        </NavLink>
        <NavLink to="/merchant/catalogue">
          <Trans>Catalogue</Trans>
        </NavLink>
      </nav>
      <Screens role={role} userId={person.userId} />
    </>
  );
}

function Screens({ role, userId }: { role: StaffRole; userId: string }) {
  return (
    <Switch>
      <Route path="/merchant">
        <OverviewPage />
      </Route>
      <Route path="/merchant/payments">
        <PaymentsPage />
      </Route>
      <Route path="/merchant/payments/:paymentId">
        <PaymentPage role={role} userId={userId} />
      </Route>
      <Route path="/merchant/orders">
        <OrdersPage />
      </Route>
      <Route path="/merchant/orders/:orderId">
        <OrderPage role={role} userId={userId} />
      </Route>
      <Route path="/merchant/catalogue">
        <CataloguePage role={role} />
      </Route>
      {role === 'merchant' && (
        <>
          <Route path="/merchant/catalogue/new">
            <NewProductPage />
          </Route>
          <Route path="/merchant/catalogue/:productId">
            <ProductPage />
          </Route>
        </>
      )}
      <Route>
        <Alert kind="info" title={t`There is no such page in the console`}>
          <p>
            <Trans>Your group may not see it.</Trans>
          </p>
        </Alert>
      </Route>
    </Switch>
  );
}

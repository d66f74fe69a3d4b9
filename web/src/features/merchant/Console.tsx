import { useQuery } from '@tanstack/react-query';
import { NavLink, Route, Routes } from 'react-router';

import { Alert } from '@/components/Alert';
import { Loading } from '@/components/Loading';
import { type Person, type StaffRole, useSession } from '@/features/session';

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
  if (oneTimeCodes.isPending) return <Loading what="the console" />;
  if (oneTimeCodes.data === false) return <SetUpOneTimeCodes email={person.email} />;
  return (
    <>
      <nav className="console-nav" aria-label="Console">
        <NavLink to="/merchant" end>
          Overview
        </NavLink>
        <NavLink to="/merchant/payments">Payments</NavLink>
        <NavLink to="/merchant/orders">Orders</NavLink>
        <NavLink to="/merchant/catalogue">Catalogue</NavLink>
      </nav>
      <Screens role={role} userId={person.userId} />
    </>
  );
}

function Screens({ role, userId }: { role: StaffRole; userId: string }) {
  return (
    <Routes>
      <Route index element={<OverviewPage />} />
      <Route path="payments" element={<PaymentsPage />} />
      <Route path="payments/:paymentId" element={<PaymentPage role={role} userId={userId} />} />
      <Route path="orders" element={<OrdersPage />} />
      <Route path="orders/:orderId" element={<OrderPage role={role} userId={userId} />} />
      <Route path="catalogue" element={<CataloguePage role={role} />} />
      {role === 'merchant' && (
        <>
          <Route path="catalogue/new" element={<NewProductPage />} />
          <Route path="catalogue/:productId" element={<ProductPage />} />
        </>
      )}
      <Route
        path="*"
        element={
          <Alert kind="info" title="There is no such page in the console">
            <p>Your group may not see it.</p>
          </Alert>
        }
      />
    </Routes>
  );
}

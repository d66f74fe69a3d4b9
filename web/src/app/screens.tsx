import { type ComponentType, lazy } from 'react';

import { DeletedPage } from '@/features/account/DeletedPage';
import { RequireSession } from '@/features/session/RequireSession';
import { ShopPage } from '@/features/shop/ShopPage';
import { Route, Switch } from '@/lib/routing';

import { NotFoundPage } from './NotFoundPage';
import { StaffOnly } from './StaffOnly';

/** The shop is the first screen. Nearly every other one is loaded when it is first visited. */
const OPEN: Readonly<Record<string, ComponentType>> = {
  '/': ShopPage,
  '/login': lazy(async () => ({
    default: (await import('@/features/session/LoginPage')).LoginPage,
  })),
  '/forgot-password': lazy(async () => ({
    default: (await import('@/features/session/ForgottenPasswordPage')).ForgottenPasswordPage,
  })),
  '/register': lazy(async () => ({
    default: (await import('@/features/signup/RegisterPage')).RegisterPage,
  })),
  '/confirm': lazy(async () => ({
    default: (await import('@/features/signup/ConfirmEmailPage')).ConfirmEmailPage,
  })),
  '/products/:productId': lazy(async () => ({
    default: (await import('@/features/shop/ProductPage')).ProductPage,
  })),
  '/cart': lazy(async () => ({
    default: (await import('@/features/cart/CartPage')).CartPage,
  })),
  // Not lazy: it is shown while the session ends, when its code may not be found any more.
  '/account/deleted': DeletedPage,
};

const WITH_SESSION: Readonly<Record<string, ComponentType>> = {
  '/merchant/*?': StaffOnly,
  '/account': lazy(async () => ({
    default: (await import('@/features/account/AccountPage')).AccountPage,
  })),
  '/cards': lazy(async () => ({
    default: (await import('@/features/cards/CardsPage')).CardsPage,
  })),
  '/cards/new': lazy(async () => ({
    default: (await import('@/features/cards/AddCardPage')).AddCardPage,
  })),
  '/checkout': lazy(async () => ({
    default: (await import('@/features/checkout/CartCheckoutPage')).CartCheckoutPage,
  })),
  '/checkout/:productId': lazy(async () => ({
    default: (await import('@/features/checkout/CheckoutPage')).CheckoutPage,
  })),
  '/payments': lazy(async () => ({
    default: (await import('@/features/history/HistoryPage')).HistoryPage,
  })),
  '/payments/:paymentId': lazy(async () => ({
    default: (await import('@/features/history/PaymentPage')).PaymentPage,
  })),
  '/payments/:paymentId/print': lazy(async () => ({
    default: (await import('@/features/receipt/PrintPage')).PrintPage,
  })),
  '/payments/:paymentId/pay': lazy(async () => ({
    default: (await import('@/features/checkout/ResumePage')).ResumePage,
  })),
  '/payments/:paymentId/receipt': lazy(async () => ({
    default: (await import('@/features/checkout/ReceiptPage')).ReceiptPage,
  })),
};

/** The screen of the address. */
export function Screens() {
  return (
    <Switch>
      {Object.entries(OPEN).map(([path, Screen]) => (
        <Route key={path} path={path}>
          <Screen />
        </Route>
      ))}
      {Object.entries(WITH_SESSION).map(([path, Screen]) => (
        <Route key={path} path={path}>
          <RequireSession>
            <Screen />
          </RequireSession>
        </Route>
      ))}
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  );
}

import { createBrowserRouter, type RouteObject } from 'react-router';

import { DeletedPage } from '@/features/account/DeletedPage';
import { RequireSession } from '@/features/session/RequireSession';
import { ShopPage } from '@/features/shop/ShopPage';

import { Layout } from './Layout';
import { LayoutErrorScreen } from './LayoutErrorScreen';
import { NotFoundPage } from './NotFoundPage';
import { ScreenError } from './ScreenError';
import { StaffOnly } from './StaffOnly';

/** The shop is the first screen. Nearly every other one is loaded when it is first visited. */
export const ROUTES: RouteObject[] = [
  {
    element: <Layout />,
    errorElement: <LayoutErrorScreen />,
    hydrateFallbackElement: <></>,
    children: [
      {
        // Inside the layout, so that the header and the navigation stay when a screen fails.
        errorElement: <ScreenError />,
        children: [
          { path: '/', element: <ShopPage /> },
          {
            path: '/login',
            lazy: async () => ({
              Component: (await import('@/features/session/LoginPage')).LoginPage,
            }),
          },
          {
            path: '/forgot-password',
            lazy: async () => ({
              Component: (await import('@/features/session/ForgottenPasswordPage'))
                .ForgottenPasswordPage,
            }),
          },
          {
            path: '/register',
            lazy: async () => ({
              Component: (await import('@/features/signup/RegisterPage')).RegisterPage,
            }),
          },
          {
            path: '/confirm',
            lazy: async () => ({
              Component: (await import('@/features/signup/ConfirmEmailPage')).ConfirmEmailPage,
            }),
          },
          // Not lazy: it is shown while the session ends, when its code may not be found any more.
          { path: '/account/deleted', element: <DeletedPage /> },
          {
            element: <RequireSession />,
            children: [
              { path: '/merchant/*', element: <StaffOnly /> },
              {
                path: '/account',
                lazy: async () => ({
                  Component: (await import('@/features/account/AccountPage')).AccountPage,
                }),
              },
              {
                path: '/cards',
                lazy: async () => ({
                  Component: (await import('@/features/cards/CardsPage')).CardsPage,
                }),
              },
              {
                path: '/cards/new',
                lazy: async () => ({
                  Component: (await import('@/features/cards/AddCardPage')).AddCardPage,
                }),
              },
              {
                path: '/checkout/:productId',
                lazy: async () => ({
                  Component: (await import('@/features/checkout/CheckoutPage')).CheckoutPage,
                }),
              },
              {
                path: '/payments',
                lazy: async () => ({
                  Component: (await import('@/features/history/HistoryPage')).HistoryPage,
                }),
              },
              {
                path: '/payments/:paymentId',
                lazy: async () => ({
                  Component: (await import('@/features/history/PaymentPage')).PaymentPage,
                }),
              },
              {
                path: '/payments/:paymentId/pay',
                lazy: async () => ({
                  Component: (await import('@/features/checkout/ResumePage')).ResumePage,
                }),
              },
              {
                path: '/payments/:paymentId/receipt',
                lazy: async () => ({
                  Component: (await import('@/features/checkout/ReceiptPage')).ReceiptPage,
                }),
              },
            ],
          },
          { path: '*', element: <NotFoundPage /> },
        ],
      },
    ],
  },
];

export function createRouter() {
  return createBrowserRouter(ROUTES);
}

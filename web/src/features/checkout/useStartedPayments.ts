import { createContext, use } from 'react';

import type { StartedPayments } from './startedPayments';

const StartedPaymentsContext = createContext<StartedPayments | null>(null);
export const StartedPaymentsProvider = StartedPaymentsContext;

export function useStartedPayments(): StartedPayments {
  const startedPayments = use(StartedPaymentsContext);
  if (startedPayments === null)
    throw new Error('useStartedPayments needs a StartedPaymentsProvider');
  return startedPayments;
}

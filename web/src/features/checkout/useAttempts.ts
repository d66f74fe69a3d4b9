import { createContext, use } from 'react';

import type { Attempts } from './attempts';

const AttemptsContext = createContext<Attempts | null>(null);
export const AttemptsProvider = AttemptsContext;

export function useAttempts(): Attempts {
  const attempts = use(AttemptsContext);
  if (attempts === null) throw new Error('useAttempts needs an AttemptsProvider');
  return attempts;
}

import { useState } from 'react';

import { currencyOfLocale } from './currency';

const KEY = 'till.currency';

/** The currency a person has chosen, or that of their region, and how to choose another. */
export function usePreferredCurrency(): [string | null, (currency: string) => void] {
  const [currency, setCurrency] = useState(
    () => localStorage.getItem(KEY) ?? currencyOfLocale(navigator.language),
  );
  const choose = (chosen: string) => {
    localStorage.setItem(KEY, chosen);
    setCurrency(chosen);
  };
  return [currency, choose];
}

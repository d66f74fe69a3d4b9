import { useState } from 'react';

import { currencyOfLocale } from './currency';

const KEY = 'till.currency';

/** The currency that the user chose, or else their region's, and a function to change it. */
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

import { createContext, use } from 'react';

import { type Config, PLAIN_SHOP, type Shop } from './config';

const ConfigContext = createContext<Config | null>(null);
export const ConfigProvider = ConfigContext;

export function useConfig(): Config {
  const config = use(ConfigContext);
  if (config === null) throw new Error('useConfig needs a ConfigProvider');
  return config;
}

/** What the merchant has decided about this app. */
export function useShop(): Shop {
  return use(ConfigContext)?.shop ?? PLAIN_SHOP;
}

import { createContext, use } from 'react';

import type { Config } from './config';

const ConfigContext = createContext<Config | null>(null);
export const ConfigProvider = ConfigContext;

export function useConfig(): Config {
  const config = use(ConfigContext);
  if (config === null) throw new Error('useConfig needs a ConfigProvider');
  return config;
}

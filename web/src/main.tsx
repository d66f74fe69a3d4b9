import './app/styles/index.css';

import { createRoot } from 'react-dom/client';

import { App } from './app/App';
import { ConfigErrorScreen } from './app/ConfigErrorScreen';
import { createServices } from './app/services';
import { showShop } from './app/showShop';
import { loadConfig } from './lib/config';
import { startLanguage } from './lib/language';

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no #root');
const root = createRoot(element);

try {
  const [config] = await Promise.all([loadConfig(), startLanguage()]);
  showShop(config.shop);
  root.render(<App services={createServices(config)} />);
} catch (error) {
  console.error(error);
  root.render(<ConfigErrorScreen reason={error instanceof Error ? error.message : ''} />);
}

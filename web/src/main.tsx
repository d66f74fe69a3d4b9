import './app/styles/index.css';

import { createRoot } from 'react-dom/client';

import { App } from './app/App';
import { ConfigErrorScreen } from './app/ConfigErrorScreen';
import { createServices } from './app/services';
import { loadConfig } from './lib/config';

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no #root');
const root = createRoot(element);

try {
  root.render(<App services={createServices(await loadConfig())} />);
} catch (error) {
  console.error(error);
  root.render(<ConfigErrorScreen reason={error instanceof Error ? error.message : ''} />);
}

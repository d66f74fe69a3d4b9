import './docs.css';

import redocUrl from 'redoc/bundles/redoc.standalone.js?url';

interface Redoc {
  init(document: string, options: object, element: HTMLElement): void;
}

declare global {
  interface Window {
    Redoc?: Redoc;
  }
}

// Redoc comes as one ready-made script, kept out of the app's own files.
const script = document.createElement('script');
script.src = redocUrl;
script.onload = () => {
  const element = document.getElementById('redoc');
  if (element === null) return;
  const options = {
    // The search runs in a worker made of a blob, which the site's policy does not allow.
    disableSearch: true,
    theme: { colors: { primary: { main: '#0b6b50' } } },
  };
  window.Redoc?.init('/docs/openapi.json', options, element);
};
document.head.append(script);

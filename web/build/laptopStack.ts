/** What the laptop stack tells the app while it is served from here, instead of by CloudFront. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Connect, Plugin, ProxyOptions } from 'vite';

const CONFIG = fileURLToPath(new URL('../../.local/web-config.json', import.meta.url));
const STACK = fileURLToPath(new URL('../../.local/stack.json', import.meta.url));

/** Serves /config.json from .local/web-config.json, or what TILL_WEB_CONFIG names. */
export function laptopStack(): Plugin {
  const serveConfig: Connect.NextHandleFunction = (_request, response) => {
    const config = read(process.env.TILL_WEB_CONFIG ?? CONFIG);
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Cache-Control', 'no-store');
    if (config === null) response.statusCode = 404;
    response.end(config ?? '{"title": "There is no configuration: is the laptop stack running?"}');
  };
  return {
    name: 'till-laptop-stack',
    configureServer: ({ middlewares }) => void middlewares.use('/config.json', serveConfig),
    configurePreviewServer: ({ middlewares }) => {
      middlewares.use(addSiteHeaders());
      middlewares.use('/config.json', serveConfig);
    },
  };
}

/** Gives the site the headers of TILL_WEB_HEADERS, as CloudFront will; the API has its own. */
function addSiteHeaders(): Connect.NextHandleFunction {
  const headers = JSON.parse(process.env.TILL_WEB_HEADERS ?? '{}') as Record<string, string>;
  return (request, response, next) => {
    if (request.url?.startsWith('/v1/') !== true) {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    }
    next();
  };
}

/** Sends /v1 to the stack's API: TILL_API_URL, or the running stack's. */
export function apiProxy(): Record<string, ProxyOptions> {
  const apiUrl = process.env.TILL_API_URL ?? apiUrlOfStack();
  if (apiUrl === undefined) return {};
  const { origin, pathname } = new URL(apiUrl);
  return {
    '^/v1/': {
      target: origin,
      rewrite: (path) => path.replace(/^\/v1/, pathname.replace(/\/$/, '')),
    },
  };
}

function apiUrlOfStack(): string | undefined {
  const stack = read(STACK);
  return stack === null ? undefined : (JSON.parse(stack) as { api_url: string }).api_url;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

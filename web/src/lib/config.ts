/** Where the parts of this stage are. Served beside the app, so that one build fits every stage. */
export interface Config {
  /** The API's base address, on this origin or another. */
  readonly api_url: string;
  readonly region: string;
  readonly user_pool_id: string;
  readonly user_pool_client_id: string;
  /** Cognito's address where it is not AWS's own, as on a laptop. */
  readonly cognito_endpoint?: string;
  readonly stripe_publishable_key: string;
  /** A stand-in for Stripe's script, as on a laptop. */
  readonly stripe_js_url?: string;
  /** Where emailed codes can be read when nothing is really emailed. */
  readonly mailbox_hint?: string;
}

const REQUIRED = [
  'api_url',
  'region',
  'user_pool_id',
  'user_pool_client_id',
  'stripe_publishable_key',
] as const;
const OPTIONAL = ['cognito_endpoint', 'stripe_js_url', 'mailbox_hint'] as const;

export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Read config.json, refusing one with something missing rather than failing later. */
export async function loadConfig(fetchImpl: typeof fetch = fetch): Promise<Config> {
  let response: Response;
  try {
    response = await fetchImpl('/config.json');
  } catch (cause) {
    throw new ConfigError('config.json could not be fetched.', { cause });
  }
  if (!response.ok) throw new ConfigError(`config.json answered ${response.status}.`);
  let document: unknown;
  try {
    document = await response.json();
  } catch (cause) {
    // Also what a missing file looks like where every unknown path answers index.html.
    throw new ConfigError('config.json is not JSON.', { cause });
  }
  return parseConfig(document);
}

export function parseConfig(document: unknown): Config {
  if (typeof document !== 'object' || document === null) {
    throw new ConfigError('config.json is not an object.');
  }
  const values = document as Record<string, unknown>;
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const missing = REQUIRED.filter((name) => text(name) === undefined);
  if (missing.length > 0) throw new ConfigError(`config.json lacks ${missing.join(', ')}.`);
  const names = [...REQUIRED, ...OPTIONAL].filter((name) => text(name) !== undefined);
  return Object.fromEntries(names.map((name) => [name, text(name)])) as unknown as Config;
}

/** The settings of this stage. Served alongside the app, so that one build works on every stage. */
export interface Config {
  /** The API's base URL, on this origin or another. */
  readonly api_url: string;
  readonly region: string;
  readonly user_pool_id: string;
  readonly user_pool_client_id: string;
  /** Cognito's endpoint if it is not on AWS, for example on a laptop. */
  readonly cognito_endpoint?: string;
  readonly stripe_publishable_key: string;
  /** A replacement for Stripe.js, for example on a laptop. */
  readonly stripe_js_url?: string;
  /** Where to find the emailed codes on a stage that sends no email. */
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

/** Load config.json, and fail now rather than later if something is missing. */
export async function loadConfig(fetchImpl: typeof fetch = fetch): Promise<Config> {
  let response: Response;
  try {
    response = await fetchImpl('/config.json');
  } catch (cause) {
    throw new ConfigError('config.json could not be fetched.', { cause });
  }
  if (!response.ok) throw new ConfigError(`config.json returned status ${response.status}.`);
  let document: unknown;
  try {
    document = await response.json();
  } catch (cause) {
    // Also happens if the file is missing and the server returns index.html for unknown paths.
    throw new ConfigError('config.json is not valid JSON.', { cause });
  }
  return parseConfig(document);
}

export function parseConfig(document: unknown): Config {
  if (typeof document !== 'object' || document === null) {
    throw new ConfigError('config.json is not a JSON object.');
  }
  const values = document as Record<string, unknown>;
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const missing = REQUIRED.filter((name) => text(name) === undefined);
  if (missing.length > 0) throw new ConfigError(`config.json is missing ${missing.join(', ')}.`);
  const names = [...REQUIRED, ...OPTIONAL].filter((name) => text(name) !== undefined);
  return Object.fromEntries(names.map((name) => [name, text(name)])) as unknown as Config;
}

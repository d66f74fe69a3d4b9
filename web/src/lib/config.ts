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
  readonly shop: Shop;
}

/** What the merchant decides: web/shop.json. */
export interface Shop {
  readonly name: string;
  /** For receipts, with line breaks. */
  readonly address?: string;
  /** For receipts. */
  readonly tax_number?: string;
  /** A path of this site. */
  readonly logo_url?: string;
  /** Dark enough to be read on white. */
  readonly colour?: string;
  readonly terms_url?: string;
  readonly privacy_url?: string;
  readonly contact_url?: string;
  /** What somebody who registers is asked beside what is needed. */
  readonly asks: readonly string[];
}

export const PLAIN_SHOP: Shop = { name: 'Till', asks: [] };

const REQUIRED = [
  'api_url',
  'region',
  'user_pool_id',
  'user_pool_client_id',
  'stripe_publishable_key',
] as const;
const OPTIONAL = ['cognito_endpoint', 'stripe_js_url', 'mailbox_hint'] as const;
const OF_SHOP = [
  'address',
  'tax_number',
  'logo_url',
  'colour',
  'terms_url',
  'privacy_url',
  'contact_url',
] as const;

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
  const found = texts(values, [...REQUIRED, ...OPTIONAL]);
  const missing = REQUIRED.filter((name) => found[name] === undefined);
  if (missing.length > 0) throw new ConfigError(`config.json is missing ${missing.join(', ')}.`);
  return { ...found, shop: parseShop(values.shop) } as Config;
}

function parseShop(document: unknown): Shop {
  if (typeof document !== 'object' || document === null) return PLAIN_SHOP;
  const values = document as Record<string, unknown>;
  const asks: unknown[] = Array.isArray(values.asks) ? values.asks : [];
  return {
    ...PLAIN_SHOP,
    ...texts(values, ['name', ...OF_SHOP]),
    asks: asks.filter((ask) => typeof ask === 'string'),
  };
}

/** Those of the values that are texts, and not empty. */
function texts<Name extends string>(
  values: Record<string, unknown>,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const isText = (name: Name) => typeof values[name] === 'string' && values[name] !== '';
  return Object.fromEntries(names.filter(isText).map((name) => [name, values[name]])) as Partial<
    Record<Name, string>
  >;
}

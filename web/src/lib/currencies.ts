// Made by `python -m tools.currencies` from payments/domain/currency.py.

/** How many decimals Stripe counts, where it is not 2. */
export const DECIMALS: Readonly<Record<string, number>> = {
  bhd: 3,
  bif: 0,
  clp: 0,
  djf: 0,
  gnf: 0,
  jod: 3,
  jpy: 0,
  kmf: 0,
  krw: 0,
  kwd: 3,
  mga: 0,
  omr: 3,
  pyg: 0,
  rwf: 0,
  tnd: 3,
  vnd: 0,
  vuv: 0,
  xaf: 0,
  xof: 0,
  xpf: 0,
};

/** Charged in whole units only, although Stripe counts decimals. */
export const WHOLE_UNITS: readonly string[] = ['isk', 'ugx'];

/**
 * A new Idempotency-Key.
 *
 * crypto.randomUUID only exists on secure origins, and a laptop's LAN address is not one.
 * https://developer.mozilla.org/en-US/docs/Web/API/Crypto/randomUUID
 */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Even steps from 0 up to at least `highest`, in whole minor units: at most five of them. */
export function ticks(highest: number): number[] {
  const rough = Math.max(highest, 1) / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((size) => size >= rough);
  const whole = Math.max(1, Math.ceil(step ?? rough));
  const count = Math.max(1, Math.ceil(highest / whole));
  return Array.from({ length: count + 1 }, (_, index) => index * whole);
}

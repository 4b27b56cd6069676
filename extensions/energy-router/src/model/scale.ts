/** `value` × 10^`exponent` in one correctly rounded operation: 2301 with -1 is 230.1. */
export function scaled(value: number, exponent: number): number {
  const result = exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent;
  return result === 0 ? 0 : result;
}

/** By order, from 0; null where it was not measured. */
export type Orders = readonly (number | null)[];

/** Answer of the call `spectrum`: RMS in V and A by order, up to `orders`, and % of the fundamental that EN 50160 allows a voltage. */
export interface Spectrum {
  /** ms UTC. */
  readonly end: number;
  readonly orders: number;
  readonly voltage: Readonly<Record<string, Orders>>;
  readonly current: Readonly<Record<string, Orders>>;
  readonly limits: Orders;
}

/** % of the fundamental by order; null of all where there is none. */
export function percentOf(orders: Orders): Orders {
  const fundamental = orders[1] ?? null;
  return orders.map((value) =>
    value === null || fundamental === null || fundamental <= 0 ? null : (100 * value) / fundamental,
  );
}

/** Total distortion in % of the fundamental (IEC 61000-4-7 §3.3, of the subgroups that the box gives); undefined where it is not known. */
export function distortionOf(orders: Orders): number | undefined {
  const percent = percentOf(orders).slice(2);
  if (percent.length === 0 || percent.some((value) => value === null)) return undefined;
  return Math.hypot(...(percent as number[]));
}

/** Orders whose share is above what is allowed. */
export function ordersAbove(percent: Orders, limits: Orders): number[] {
  return percent.flatMap((value, order) => {
    const limit = limits[order] ?? null;
    return value !== null && limit !== null && value > limit ? [order] : [];
  });
}

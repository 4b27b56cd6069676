/** One measurement, or one value that is asked for. */
export interface SenmlMeasurement {
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
  /** ms UTC. */
  readonly t: number;
}

/** A pack of one record (RFC 8428 §4), time in s. */
export function encodeSenml({ name, value, unit, t }: SenmlMeasurement): string {
  return JSON.stringify([{ n: name, ...(unit !== undefined && { u: unit }), t: t / 1000, v: value }]);
}

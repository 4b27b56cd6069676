import { modelOf, type Decoded, type RegisterWrite } from '@smx-edge/protocols/sunspec';

/** Numbers of fields of one model, in their units. */
export type Values = Readonly<Record<string, number>>;

/** Those of the fields that have a number. */
export function valuesOf({ fields }: Decoded, names: readonly string[]): Values {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields[name]?.value;
      return typeof value === 'number' ? [[name, value] as const] : [];
    }),
  );
}

/** What the fields come to be, write after write. */
export function statesOf(before: Values, writes: readonly RegisterWrite[], names: readonly string[]): Values[] {
  const states: Values[] = [];
  let state = before;
  for (const { values } of writes) {
    const own = Object.entries(values).filter(([name]) => names.includes(name));
    if (own.length === 0) continue;
    state = { ...state, ...Object.fromEntries(own) };
    states.push(state);
  }
  return states;
}

/** Whether a read shows these values, as far as the scale factors of this read can say. */
export function shows(model: Decoded, state: Values): boolean {
  return Object.entries(state).every(([name, wanted]) => {
    const value = model.fields[name]?.value;
    return typeof value === 'number' && Math.abs(value - wanted) <= (stepOf(model, name) / 2) * (1 + 1e-9);
  });
}

/** The least difference that a field can show in this read, in its unit; 0 where it has no scale factor. */
export function stepOf(model: Decoded, name: string): number {
  const scale = modelOf(model.id)?.fields.find((field) => field.name === name)?.scale;
  const exponent = scale === undefined ? undefined : model.fields[scale]?.value;
  return typeof exponent === 'number' ? 10 ** exponent : 0;
}

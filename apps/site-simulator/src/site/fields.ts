import { nearest, SmxError } from '@smx-edge/model';

type Raw = Readonly<Record<string, unknown>>;

/** Reads an object of the config or of a command, field by field; what nobody asked for is an error. */
export class Fields {
  private readonly raw: Raw;
  private readonly known: string[] = [];

  /** `where` names the object in messages. Throws SMX_CONFIG_INVALID. */
  constructor(
    raw: unknown,
    private readonly where: string,
  ) {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw invalid(where, 'an object', raw);
    this.raw = raw as Raw;
  }

  number(name: string, { min = -Infinity, max = Infinity } = {}): number | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= min && value <= max && Number.isFinite(value)) return value;
    const range = min === -Infinity && max === Infinity ? '' : ` from ${min} to ${max}`;
    throw invalid(this.at(name), `a number${range}`, value);
  }

  flag(name: string): boolean | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw invalid(this.at(name), 'true or false', value);
  }

  text(name: string): string | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === 'string') return value;
    throw invalid(this.at(name), 'a text', value);
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    const found = values.find((each) => each === value);
    if (found === undefined) throw invalid(this.at(name), `one of ${values.join(', ')}`, value);
    return found;
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    if (Array.isArray(value)) return value as unknown[];
    throw invalid(this.at(name), 'a list', value);
  }

  /** Fields of an object below this one; `false` where the file says so. */
  object(name: string): Fields | false | undefined {
    const value = this.take(name);
    return value === undefined || value === false ? value : new Fields(value, this.at(name));
  }

  take(name: string): unknown {
    this.known.push(name);
    return this.raw[name];
  }

  /** Throws SMX_CONFIG_UNKNOWN_KEY for a key nobody asked for. */
  end(): void {
    const unknown = Object.keys(this.raw).find((key) => !this.known.includes(key));
    if (unknown === undefined) return;
    const close = nearest(unknown, this.known);
    const hint = close === undefined ? `known are ${this.known.join(', ')}` : `did you mean "${close}"?`;
    throw new SmxError('SMX_CONFIG_UNKNOWN_KEY', `${this.at(unknown)} is not known: ${hint}`);
  }

  at(name: string): string {
    return this.where === '' ? name : `${this.where}.${name}`;
  }
}

export function invalid(where: string, expected: string, value: unknown): SmxError {
  const given = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
  return new SmxError('SMX_CONFIG_INVALID', `${where || 'it'} takes ${expected}, not ${given}`);
}

/** Drops absent fields, which options leave out rather than set to undefined. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }; // prettier-ignore
}

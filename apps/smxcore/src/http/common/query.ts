import { SmxError, durationMs, filterFault, isSmxError, type ErrorDetail } from '@smx-edge/model';

/** Most values of one query text, in letters. */
const LONGEST = 500;

/** The query of a request: known names, each once. Collects what is wrong and says it all at once. */
export class Query {
  private readonly faults: ErrorDetail[] = [];
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(raw: unknown, known: readonly string[]) {
    this.values = raw as Record<string, unknown>;
    for (const [name, value] of Object.entries(this.values))
      if (!known.includes(name)) this.fault(name, `no such parameter; there are ${known.join(', ')}`);
      else if (typeof value !== 'string' || value.length > LONGEST)
        this.fault(name, `one text of at most ${LONGEST} letters`);
  }

  fault(name: string, expected: string): void {
    this.faults.push({ path: `query.${name}`, expected });
  }

  text(name: string): string | undefined {
    const value = Object.hasOwn(this.values, name) ? this.values[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  }

  /** A topic filter, or an alias or path. */
  filter(name: string): string | undefined {
    const value = this.text(name);
    const fault = value === undefined ? undefined : filterFault(value);
    if (fault !== undefined) this.fault(name, `a topic filter (${fault})`);
    return value;
  }

  duration(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    try {
      const ms = durationMs(value);
      if (ms > 0) return ms;
    } catch (error) {
      if (!isSmxError(error)) throw error;
    }
    this.fault(name, 'a duration above 0 like 10s, 15m or 1d');
    return undefined;
  }

  whole(name: string, range: { least: number; most: number }): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (number >= range.least && number <= range.most) return number;
    this.fault(name, `a whole number from ${range.least} to ${range.most}`);
    return undefined;
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.text(name);
    const found = words.find((word) => word === value);
    if (value !== undefined && found === undefined) this.fault(name, `one of ${words.join(', ')}`);
    return found;
  }

  /** Throws SMX_HTTP_BAD_REQUEST where anything was wrong. */
  done(): void {
    if (this.faults.length === 0) return;
    const text = this.faults.map(({ path, expected }) => `${path}: ${expected}`).join('; ');
    throw new SmxError('SMX_HTTP_BAD_REQUEST', text, { details: this.faults });
  }
}

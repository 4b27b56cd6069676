import { durationMs, SmxError } from '@smx-edge/model';

interface Range {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

/** The query of a source: each parameter is taken once, what is left over is known. */
export class SourceQuery {
  private readonly params: URLSearchParams;

  constructor(
    private readonly source: string,
    query: string,
  ) {
    this.params = new URLSearchParams(query);
  }

  take(name: string): string | undefined {
    const values = this.params.getAll(name);
    this.params.delete(name);
    if (values.length > 1) throw this.fail(`${name} once`);
    return values[0];
  }

  flag(name: string): boolean {
    const value = this.take(name);
    if (value === undefined || value === 'false' || value === '0') return false;
    if (value === 'true' || value === '1') return true;
    throw this.fail(`${name} as true or false`);
  }

  number(name: string, range: Range): number | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
    if (!(number >= range.min && number <= range.max) || (range.integer === true && !Number.isInteger(number)))
      throw this.fail(`${name} as a number of ${range.min} to ${range.max}`);
    return number;
  }

  duration(name: string): number | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    try {
      return durationMs(value);
    } catch (error) {
      throw this.fail(`${name} as a duration like 10s`, error);
    }
  }

  /** What was not taken, for the server. */
  rest(): string {
    return this.params.toString();
  }

  /** Throws where something was not taken. */
  end(known: readonly string[]): void {
    const unknown = [...new Set(this.params.keys())];
    if (unknown.length === 0) return;
    const expected = known.length === 0 ? 'no parameters' : `only the parameters ${known.join(', ')}`;
    throw this.fail(`${expected}, not ${unknown.join(', ')}`);
  }

  private fail(expected: string, cause?: unknown): SmxError {
    const shown = this.source.replace(/\/\/[^/@?#]*@/, '//');
    return new SmxError('SMX_TRANSPORT_SOURCE', `"${shown}" is not a usable source: expected ${expected}`, {
      cause,
      details: [{ path: 'source', expected }],
    });
  }
}

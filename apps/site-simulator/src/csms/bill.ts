/** One charge as the back end has it. Energies in Wh, times as the station said them, money in the unit of the tariff. */
export interface BilledSession {
  readonly station: string;
  readonly id: string;
  readonly tag: string;
  readonly startedAt: string;
  readonly meterStart: number;
  endedAt?: string;
  meterStop?: number;
  reason?: string;
  /** Of the registers, once it has ended. */
  energy?: number;
  cost?: number;
  /** Sets of values that came meanwhile. */
  values: number;
}

/** Messages about transactions that came again, word for word. */
export interface Repeats {
  start: number;
  stop: number;
  values: number;
}

interface Start {
  readonly station: string;
  readonly tag: string;
  readonly startedAt: string;
  readonly meterStart: number;
}

interface Stop {
  readonly endedAt: string;
  readonly meterStop: number | undefined;
  readonly reason: string;
}

/** Sessions and what they cost, each of them once however often its messages came. */
export class Bill {
  readonly repeats: Repeats = { start: 0, stop: 0, values: 0 };
  /** Messages about transactions that it does not know. */
  orphans = 0;
  private readonly byId = new Map<string, BilledSession>();
  private readonly starts = new Map<string, string>();
  private readonly valuesSeen = new Set<string>();
  private next: number;

  constructor(
    private readonly tariff: number,
    first: number,
  ) {
    this.next = first;
  }

  get sessions(): readonly BilledSession[] {
    return [...this.byId.values()];
  }

  /** Of all that have ended. */
  get total(): number {
    return this.sessions.reduce((sum, { cost = 0 }) => sum + cost, 0);
  }

  find(station: string, id: string): BilledSession | undefined {
    return this.byId.get(keyOf(station, id));
  }

  /** The id of the session: a new one, the one that it has by itself, or that of the same start before. */
  start({ station, tag, startedAt, meterStart }: Start, own?: string): string {
    const key = own === undefined ? [station, tag, startedAt, meterStart].join('\n') : keyOf(station, own);
    const known = this.starts.get(key);
    if (known !== undefined) {
      this.repeats.start++;
      return known;
    }
    const id = own ?? String(this.issue());
    this.starts.set(key, id);
    this.byId.set(keyOf(station, id), { station, id, tag, startedAt, meterStart, values: 0 });
    return id;
  }

  stop(station: string, id: string, { endedAt, meterStop, reason }: Stop): void {
    const session = this.find(station, id);
    if (session === undefined) {
      this.orphans++;
      return;
    }
    if (session.endedAt !== undefined) {
      this.repeats.stop++;
      return;
    }
    Object.assign(session, { endedAt, reason });
    if (meterStop === undefined) return;
    const energy = meterStop - session.meterStart;
    Object.assign(session, { meterStop, energy, cost: (energy / 1000) * this.tariff });
  }

  /** `mark` tells one set of values from another. */
  values(station: string, id: string, mark: string): void {
    const session = this.find(station, id);
    if (session === undefined) {
      this.orphans++;
      return;
    }
    const key = `${keyOf(station, id)}\n${mark}`;
    if (this.valuesSeen.has(key)) {
      this.repeats.values++;
      return;
    }
    this.valuesSeen.add(key);
    session.values++;
  }

  private issue(): number {
    const id = this.next;
    this.next += id < 0 ? -1 : 1;
    return id;
  }
}

const keyOf = (station: string, id: string): string => `${station}\n${id}`;

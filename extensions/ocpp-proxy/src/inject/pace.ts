/** More are not remembered: the oldest go. */
const MOST = 256;

/** How soon the same may be sent to a charge point again: some stop answering where they are asked too often. */
export class InjectionPace {
  private readonly sent = new Map<string, number>();

  /** ms by action; what is not named may be sent at any time. */
  constructor(private readonly every: ReadonlyMap<string, number>) {}

  /** When it may be sent, ms UTC; undefined: now, and it is taken to be sent. The same is the same action with the same payload. */
  take(station: string, { action, payload }: { action: string; payload: object }, now: number): number | undefined {
    const every = this.every.get(action);
    if (every === undefined) return undefined;
    const key = JSON.stringify([station, action, payload]);
    const before = this.sent.get(key);
    if (before !== undefined && now - before < every) return before + every;
    this.sent.delete(key);
    this.sent.set(key, now);
    const [oldest] = this.sent.keys();
    if (this.sent.size > MOST && oldest !== undefined) this.sent.delete(oldest);
    return undefined;
  }
}

import type { CommandGrant, Gate, View } from '@smx-edge/access';
import { SmxError, type Disposable, type LiveSource } from '@smx-edge/model';
import type { CommandRecord } from './record.js';

export interface GrantsOptions {
  readonly live: Pick<LiveSource, 'handleOf'>;
  readonly gate: Pick<Gate, 'view'>;
  /** Commands that are not over. */
  readonly open: () => Iterable<CommandRecord>;
  readonly ended: (record: CommandRecord, why: string) => void;
}

/** Holds commands to the grants behind them, for as long as they hold: what ends a grant ends its commands. */
export class Grants {
  private readonly watched = new Map<string, { readonly view: View; readonly end: Disposable }>();
  /** Monotonic time of the last command, by principal and point; for `max-rate`. */
  private readonly last = new Map<string, number>();

  constructor(private readonly o: GrantsOptions) {}

  /** Throws SMX_HTTP_RATE where the grant's `max-rate` does not let another command come yet. */
  within({ principal, point }: CommandRecord, { interval }: CommandGrant, now: number): void {
    const left = interval === 0 ? 0 : (this.last.get(`${principal}\n${point}`) ?? -Infinity) + interval - now;
    if (left > 0)
      throw new SmxError(
        'SMX_HTTP_RATE',
        `your grant lets the next command to ${point} come in ${Math.ceil(left / 1000)} s`,
      );
  }

  /** Watches what this party may do from now on; a command of it was accepted. */
  follow(view: View, { principal, point }: CommandRecord, now: number): void {
    this.last.set(`${principal}\n${point}`, now);
    if (this.watched.get(principal)?.view === view) return;
    this.watched.get(principal)?.end.dispose();
    this.watched.set(principal, { view, end: view.onRevision(() => this.revise(principal)) });
  }

  /** Whether the grant behind a command still covers it. */
  holds({ principal, point, value, limit }: CommandRecord): boolean {
    const view = this.o.gate.view(principal);
    const handle = this.o.live.handleOf(point);
    const grant = handle === undefined ? undefined : view?.command(handle);
    if (grant === undefined) return false;
    const [min, max] = grant.between ?? [-Infinity, Infinity];
    return [value, limit?.min, limit?.max].every((one) => typeof one !== 'number' || (one >= min && one <= max));
  }

  close(): void {
    for (const { end } of this.watched.values()) end.dispose();
  }

  private revise(principal: string): void {
    for (const record of this.o.open())
      if (record.principal === principal && !this.holds(record)) this.o.ended(record, 'the grant behind it ended');
  }
}

import {
  describeError,
  type Clock,
  type CommandStage,
  type CommandState,
  type Disposable,
  type EventRecord,
  type EventSeverity,
  type LedgerSink,
  type Log,
  type NewEvent,
  type PointValue,
} from '@smx-edge/model';
import type { CommandRecord } from './record.js';

const SEVERITY: Readonly<Partial<Record<CommandState, EventSeverity>>> = {
  clamped: 'warning',
  ignored: 'alarm',
  unverified: 'alarm',
};

/** Stages that something follows soon, be it the outcome of the command that superseded this one. */
const ON_THE_WAY: ReadonlySet<CommandState> = new Set(['accepted', 'applied', 'superseded']);
/** How long such a stage may wait for it, ms. */
const SOON = 20;

export interface ChronicleOptions {
  readonly events: { addEvent(event: NewEvent): Promise<EventRecord> };
  readonly ledger: LedgerSink;
  readonly clock: Clock;
  readonly log: Log;
  readonly unit: (point: string) => string | null;
}

/** Writes every change of a command as an event and into the ledger. Events name no principal: other parties may see them. */
export class Chronicle {
  private waiting: (() => void)[] = [];
  private timer: Disposable | undefined;

  constructor(private readonly o: ChronicleOptions) {}

  /** An outcome must not wait until the stage before it is on the disk: a stage on the way goes there a little later, or with it. */
  stage(record: CommandRecord, stage: CommandStage): void {
    const { state } = stage;
    if (state === 'received') return;
    this.waiting.push(() => this.write(record, stage));
    if (ON_THE_WAY.has(state)) this.timer ??= this.o.clock.after(SOON, () => this.flush());
    // after all else of this turn of the loop
    else setImmediate(() => this.flush());
  }

  /** Hands over what waits; before the store is closed. */
  flush(): void {
    this.timer?.dispose();
    this.timer = undefined;
    const all = this.waiting;
    this.waiting = [];
    for (const one of all) one();
  }

  private write(record: CommandRecord, stage: CommandStage): void {
    const { point, principal, id, authority, priority, until, slot, limit } = record;
    const told = { ...stage, state: stage.state, id, ...(slot === undefined ? {} : { slot }) };
    const given = { authority, priority, until, ...(limit === undefined ? {} : { limit }) };
    this.o.ledger.append({
      t: stage.t,
      kind: 'command',
      principal,
      data: { ...told, point, ...(stage.state === 'accepted' ? given : {}) },
    });
    this.event({
      t: stage.t,
      path: point,
      code: `command.${stage.state}`,
      severity: SEVERITY[stage.state] ?? 'info',
      state: 'once',
      text: this.sentence(record, stage),
      data: { ...told, authority },
    });
  }

  /** A fault of a set-point that begins or ends. */
  alarm(point: string, { code, raised, text }: { code: string; raised: boolean; text: string }): void {
    const t = this.o.clock.now();
    this.event({ t, path: point, code, severity: 'alarm', state: raised ? 'raised' : 'cleared', text });
  }

  private event(event: NewEvent): void {
    this.o.events
      .addEvent(event)
      .catch((error: unknown) =>
        this.o.log.error('an event of a command could not be kept', { code: event.code, error: describeError(error) }),
      );
  }

  private sentence({ point, authority, limit, until }: CommandRecord, stage: CommandStage): string {
    const unit = this.o.unit(point);
    const text = (value: PointValue): string => `${String(value)}${unit === null ? '' : ` ${unit}`}`;
    const what =
      limit === undefined ? text(stage.value) : `limit ${String(limit.min ?? '–')} to ${text(limit.max ?? '–')}`;
    const measured = stage.measured === undefined ? '' : `, measured ${text(stage.measured)}`;
    const why = stage.reason === undefined ? '' : `: ${stage.reason}`;
    const till = stage.state === 'accepted' ? ` until ${new Date(until).toISOString()}` : '';
    // what was refused had no authority
    const by = stage.state === 'refused' ? '' : ` by ${authority}`;
    return `${point}: ${what}${by} ${stage.state}${measured}${till}${why}`;
  }
}

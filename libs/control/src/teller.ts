import type { CommandStage, Disposable } from '@smx-edge/model';
import type { ArbiterPorts } from './ports.js';
import { keyOf, without, type CommandRecord } from './record.js';

/** Pause before what the store did not take is given to it again, ms. */
const RETRY = 5000;
/** How long the end of a command that another took the place of may wait for the outcome of that one, ms. */
const SOON = 20;

interface Untold {
  record: CommandRecord;
  readonly stages: CommandStage[];
  /** How many of them parties know. */
  told: number;
}

/** Makes stages durable, then tells them: what was told must still be so after a restart. */
export class Teller {
  /** Stages that are not durable yet. */
  private readonly untold = new Map<string, Untold>();
  /** Of these, what goes to the store with the next that is told. */
  private readonly waiting = new Set<Untold>();
  private timer: Disposable | undefined;
  private retrying = false;

  constructor(private readonly ports: Pick<ArbiterPorts, 'clock' | 'keep' | 'told'>) {}

  tell(record: CommandRecord, stages: readonly CommandStage[]): void {
    const key = keyOf(record.principal, record.id);
    const untold: Untold = this.untold.get(key) ?? { record, stages: [], told: 0 };
    this.untold.set(key, untold);
    untold.record = record;
    untold.stages.push(...stages);
    this.waiting.add(untold);
    // the outcome of what took its place must not wait for a disk that writes this
    if (stages.at(-1)?.state === 'superseded') this.timer ??= this.ports.clock.after(SOON, () => this.flush());
    else this.flush();
  }

  /** Gives the store what waits. */
  private flush(): void {
    this.timer?.dispose();
    this.timer = undefined;
    const all = [...this.waiting];
    this.waiting.clear();
    if (all.length > 0) this.keep(all);
  }

  /** A command as parties may know it. */
  known(record: CommandRecord): CommandRecord {
    const untold = this.untold.get(keyOf(record.principal, record.id));
    return untold === undefined ? record : without(record, untold.stages.slice(untold.told));
  }

  private keep(all: readonly Untold[]): void {
    const counts = all.map(({ stages }) => stages.length);
    this.ports.keep({ records: all.map(({ record }) => record) }, (ok) => {
      if (!ok) this.later();
      else for (const [i, untold] of all.entries()) this.kept(untold, counts[i]!);
    });
  }

  private kept(untold: Untold, count: number): void {
    const { record, stages } = untold;
    while (untold.told < count) this.ports.told(record, stages[untold.told++]!);
    if (untold.told === stages.length) this.untold.delete(keyOf(record.principal, record.id));
  }

  /** A disk that refuses is asked again until it takes what there is to tell. */
  private later(): void {
    if (this.retrying) return;
    this.retrying = true;
    this.ports.clock.after(RETRY, () => {
      this.retrying = false;
      this.keep([...this.untold.values()]);
    });
  }
}

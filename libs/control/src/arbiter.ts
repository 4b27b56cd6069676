import type { CommandEnd, CommandStage, HeldValue, PointValue } from '@smx-edge/model';
import { Held } from './held.js';
import type { Judgement } from './judgement.js';
import type { ArbiterPorts } from './ports.js';
import { advanced, keyOf, stageOf, type CommandRecord } from './record.js';
import { Setpoint } from './setpoint.js';
import { Teller } from './teller.js';

/**
 * The one way to act: every command of every exit, one place per set-point. It does no I/O and reads no clock but the
 * one it is given; the store, the devices and the parties are behind its ports.
 */
export class Arbiter {
  private readonly held = new Map<string, Held>();
  private readonly points = new Map<string, Setpoint>();
  /** Ids whose claim is under way. */
  private readonly claiming = new Map<string, ((record: CommandRecord) => void)[]>();
  private order = 0;
  private readonly teller: Teller;
  private closed = false;

  constructor(private readonly ports: ArbiterPorts) {
    this.teller = new Teller(ports);
  }

  /** Commands that are accepted and not over, as parties may know them. */
  get open(): Iterable<CommandRecord> {
    return [...this.held.values()].map(({ record }) => this.teller.known(record));
  }

  /** Commands that hold or wait, and those on their way into the store. */
  get size(): number {
    return this.held.size + this.claiming.size;
  }

  /** An open command as parties may know it: without what is not durable yet. */
  find(principal: string, id: string): CommandRecord | undefined {
    const held = this.held.get(keyOf(principal, id));
    return held === undefined ? undefined : this.teller.known(held.record);
  }

  /** Who has the set-point, what is on it as far as the box knows, and who waits, the strongest of them first. */
  present(point: string): { holder: CommandRecord | undefined; value: PointValue | undefined; ready: boolean } {
    const setpoint = this.points.get(point);
    return { holder: setpoint?.holder?.record, value: setpoint?.present, ready: setpoint?.isReady === true };
  }

  /** What an earlier life of the box left: executed commands are over, and their set-points get their default first. */
  restore(records: readonly CommandRecord[], doubted: readonly HeldValue[]): void {
    const text = 'the box restarted; the device was put back to its default';
    for (const { point, value } of doubted) this.setpoint(point).doubt(value);
    const { clock } = this.ports;
    for (const record of records) {
      // no clock but the wall's tells how long the box was away; a lease never grows by that
      const left = Math.min(record.lease, record.until - clock.now());
      const begun = clock.monotonic() - (record.lease - left);
      const held = new Held(record, ++this.order, { clock, begun, restored: true });
      this.held.set(keyOf(record.principal, record.id), held);
      this.setpoint(record.point).standing.add(held);
      held.written = record.executed === true;
      if (held.written) this.end(held, 'ended', { text, judgement: { state: 'unverified', reason: text } });
      else this.arm(held);
    }
  }

  /**
   * Takes a new command that was checked, accepted or refused by its last stage. `done` gets it once that is durable,
   * or the one that has its id already: an id is answered again, never executed again.
   */
  take(record: CommandRecord, done: (record: CommandRecord) => void): void {
    const key = keyOf(record.principal, record.id);
    const known = this.find(record.principal, record.id);
    if (known !== undefined) {
      done(known);
      return;
    }
    const waiting = this.claiming.get(key);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    const all = [done];
    const begun = this.ports.clock.monotonic();
    this.claiming.set(key, all);
    const setpoint = record.over === true ? undefined : this.setpoint(record.point);
    const value = setpoint?.claim(record);
    const claim =
      value === undefined
        ? { record }
        : { record: { ...record, executed: true as const }, held: { point: record.point, value } };
    this.ports.claim(claim, (taken) => {
      this.claiming.delete(key);
      const result = taken === 'failed' ? unkeepable(record, this.ports.clock.now()) : (taken.known ?? record);
      const isNew = result === record;
      if (isNew) for (const stage of record.stages) this.ports.told(record, stage);
      for (const one of all) one(result);
      if (value !== undefined) setpoint?.claimed(isNew ? value : undefined);
      if (isNew && record.over !== true) this.stand(claim.record, { begun, marked: value !== undefined });
      if (value !== undefined) setpoint?.reconcile();
    });
  }

  /** Lets an accepted command compete from now on; for what needs no claim, as its whole is durable already. */
  stand(record: CommandRecord, { begun, marked = false }: { begun?: number; marked?: boolean } = {}): void {
    if (this.closed) return;
    const { clock } = this.ports;
    const setpoint = this.setpoint(record.point);
    const held = new Held(record, ++this.order, { clock, begun: begun ?? clock.monotonic() });
    held.marked = marked;
    this.held.set(keyOf(record.principal, record.id), held);
    setpoint.standing.add(held);
    this.replace(held, setpoint);
    this.arm(held);
    if (held.record.over !== true) setpoint.reconcile();
  }

  /** Ends a command before its time; gives what it came to. Undefined where it is not open. */
  cancel(principal: string, id: string, text = 'cancelled'): CommandRecord | undefined {
    const held = this.held.get(keyOf(principal, id));
    if (held === undefined) return undefined;
    this.end(held, 'cancelled', { text });
    return held.record;
  }

  /** A sign of life of a controller. */
  beat(principal: string): void {
    for (const held of this.held.values()) if (held.record.principal === principal) held.beat();
  }

  arrive(point: string): void {
    this.setpoint(point).arrive();
  }

  leave(point: string, text: string): void {
    this.points.get(point)?.leave(text);
  }

  see(point: string, measured: PointValue): void {
    this.points.get(point)?.see(measured);
  }

  /** Bounds or grants of a set-point changed. */
  revise(point: string): void {
    this.points.get(point)?.reconcile();
  }

  /** Ends all commands and puts every default back; `isIdle` tells once the devices have answered. */
  close(): void {
    this.closed = true;
    const all = [...this.held.values()];
    // first what waits, for the next start: else it takes the place of what ends
    for (const held of all) {
      if (held.written) continue;
      held.dispose();
      this.setpoint(held.record.point).standing.delete(held);
    }
    for (const held of all)
      if (held.written) this.end(held, 'ended', { text: 'the box stops; the device is put back to its default' });
    for (const setpoint of this.points.values()) setpoint.close();
  }

  get isIdle(): boolean {
    return [...this.points.values()].every((setpoint) => !setpoint.isReady || setpoint.isFree);
  }

  /** The newer command of the same party at the same set-point is what it wants now; what waits or was displaced goes. */
  private replace(held: Held, setpoint: Setpoint): void {
    for (const other of [...setpoint.standing])
      if (other !== held && other !== setpoint.holder && isReplaced(other.record, held.record))
        this.end(other, 'superseded', { text: `superseded by ${held.record.id}` });
  }

  private arm(held: Held): void {
    if (held.left <= 0) {
      this.end(held, 'ended', { text: 'its lease ended' });
      return;
    }
    held.arm(() => {
      if (held.record.over === true) return;
      if (held.left <= 0) this.ports.due();
      this.arm(held);
      if (held.left > 0) this.points.get(held.record.point)?.reconcile();
    });
  }

  private end(held: Held, state: CommandEnd, why: { text: string; judgement?: Judgement }): void {
    if (held.record.over === true) return;
    const { point, principal, id } = held.record;
    const setpoint = this.setpoint(point);
    const before = held.record;
    held.dispose();
    setpoint.standing.delete(held);
    this.held.delete(keyOf(principal, id));
    if (before.outcome === undefined) {
      const judgement =
        why.judgement ?? (held.written ? setpoint.judgementOf(held) : { state: 'expired' as const, reason: why.text });
      held.record = advanced(held.record, this.stage(held, judgement));
    }
    // what the device refused, or nobody executed, has no end of its own
    const executed = held.written && held.record.outcome !== 'refused';
    if (executed) held.record = advanced(held.record, this.stage(held, { state, reason: why.text }));
    held.record = { ...held.record, over: true };
    this.teller.tell(held.record, held.record.stages.slice(before.stages.length));
    if (setpoint.holder === held || held.record.limit !== undefined) setpoint.reconcile(true);
  }

  private setpoint(point: string): Setpoint {
    let setpoint = this.points.get(point);
    if (setpoint === undefined) {
      setpoint = new Setpoint({
        point,
        ports: this.ports,
        conclude: (held, judgement) => this.conclude(held, judgement),
        applied: (held, value) => this.applied(held, value),
        displaced: (held, by) => this.displaced(held, by),
        end: (held, why) => this.end(held, 'ended', why),
      });
      this.points.set(point, setpoint);
    }
    return setpoint;
  }

  private conclude(held: Held, judgement: Judgement): void {
    if (held.record.over === true || held.record.outcome !== undefined) return;
    const stage = this.stage(held, judgement);
    held.record = advanced(held.record, stage);
    this.teller.tell(held.record, [stage]);
  }

  private applied(held: Held, value: PointValue): void {
    if (held.record.over === true) return;
    held.displaced = false;
    const stage = this.stage(held, { state: 'applied', value });
    held.record = advanced(held.record, stage);
    this.ports.told(held.record, stage);
  }

  private displaced(held: Held, by: Held): void {
    if (isReplaced(held.record, by.record)) {
      this.end(held, 'superseded', { text: `superseded by ${by.record.id}` });
      return;
    }
    held.displaced = true;
    const reason = `a stronger command of ${by.record.authority} holds the set-point; this one comes back while its lease lasts`;
    const stage = this.stage(held, { state: 'superseded', reason });
    held.record = advanced(held.record, stage);
    this.ports.told(held.record, stage);
  }

  private stage(held: Held, what: Omit<CommandStage, 't' | 'value'> & { readonly value?: PointValue }): CommandStage {
    return { value: stageOf(held.record).value, ...what, t: this.ports.clock.now() };
  }
}

/** Whether `newer` is what its party wants instead of `older`; a weaker one only waits behind it. */
function isReplaced(older: CommandRecord, newer: CommandRecord): boolean {
  return (
    older.principal === newer.principal &&
    (older.limit === undefined) === (newer.limit === undefined) &&
    older.authority === newer.authority &&
    newer.priority >= older.priority
  );
}

function unkeepable(record: CommandRecord, t: number): CommandRecord {
  const reason = 'the store does not take it; try again under the same id';
  const stage: CommandStage = { state: 'refused', t, value: record.value, code: 'SMX_STORE_FAILED', reason };
  return { ...advanced({ ...record, stages: record.stages.slice(0, 1) }, stage), over: true };
}

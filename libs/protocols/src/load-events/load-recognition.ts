import { SmxError } from '@smx-edge/model';
import { checkedLoads, MOST_APPLIANCES, type KeptLoads } from './kept-loads.js';
import { KnownAppliance } from './known-appliance.js';
import { type Appliance, type LoadOptions, type LoadStep, type LoadWindow } from './load-window.js';
import { MeasuredBounds } from './measured-bounds.js';
import { RunPairing } from './run-pairing.js';
import { SlowChange } from './slow-change.js';
import { lags, StepWatch, type PowerChange } from './step-watch.js';

/** Distance within which a step begins a run of a known appliance. */
const SAME = 1;
/** Squares of shares of the declared voltage within which energy is counted. */
const LEAST_VOLTAGE = 0.5;
const MOST_VOLTAGE = 1.5;
/** Longest time between windows that is counted, ms: across more nothing is known. */
const LONGEST_GAP = 2000;

/**
 * Tells the appliances of a house by the steps of its power: steps that recur are one appliance, and a step down ends
 * the run that it fits best. Pure; windows are taken in order of time.
 */
export class LoadRecognition {
  private readonly watch: StepWatch;
  private readonly pairing: RunPairing;
  private readonly slow: SlowChange;
  private readonly known: KnownAppliance[];
  private readonly listeners: ((step: LoadStep) => void)[] = [];
  private readonly bounds: MeasuredBounds;
  private last: number;
  private end = NaN;
  /** One object for all windows, so that none is left behind by each. */
  private readonly passed = { ms: NaN, factor: NaN };

  /** What does not fit as `kept` is left out. */
  constructor(
    private readonly options: LoadOptions,
    kept?: KeptLoads,
  ) {
    const sound = checkedLoads(kept);
    this.known = (sound?.appliances ?? []).map((one) => new KnownAppliance(one));
    this.last = sound?.last ?? 0;
    this.slow = new SlowChange(this.known, options.phases, () => this.watch.isHeld);
    this.pairing = new RunPairing(this.known, this.slow);
    const listener = {
      step: (step: LoadStep) => this.step(step),
      shift: (phase: number, change: PowerChange) => this.pairing.shift(phase, change, this.end),
      held: (phase: number | undefined) => this.takeBack(phase),
    };
    this.watch = new StepWatch(options, listener, sound);
    this.bounds = new MeasuredBounds(this.known, options.phases, this.watch);
  }

  /** By how often they ran, the most often first. */
  get appliances(): readonly Appliance[] {
    return [...this.known].sort((a, b) => b.runs - a.runs);
  }

  take(window: LoadWindow): void {
    this.pass(window);
    this.end = window.end;
    if (this.watch.take(window)) this.check(window);
    for (const one of this.known) if (one.isOverdue(window)) one.end(window.end, 0);
  }

  onStep(listener: (step: LoadStep) => void): void {
    this.listeners.push(listener);
  }

  /** Null takes the name away. Throws SMX_EXTENSION_CALL where none has this id, as the next two do. */
  name(id: string, name: string | null): void {
    this.find(id).name = name;
  }

  forget(id: string): void {
    this.known.splice(this.known.indexOf(this.find(id)), 1);
  }

  /** `from` becomes part of `into`, which keeps its id, and its name where it has one. */
  merge(into: string, from: string): void {
    const [target, source] = [this.find(into), this.find(from)];
    if (target === source) return;
    target.absorb(source);
    target.name ??= source.name;
    this.forget(from);
  }

  /** What is learned; runs that go on are not part of it, for their end may be missed. */
  keep(): KeptLoads {
    const appliances = this.known.map((one) => one.keep());
    return { version: 2, last: this.last, ...this.watch.keep(), appliances };
  }

  private pass({ voltage, end }: LoadWindow): void {
    const { passed } = this;
    passed.ms = end - this.end;
    if (!(passed.ms > 0 && passed.ms <= LONGEST_GAP)) return;
    passed.factor = (voltage[0]! / this.options.declared) ** 2;
    if (passed.factor > LEAST_VOLTAGE && passed.factor < MOST_VOLTAGE)
      for (const one of this.known) if (one.isOn) one.run(passed, this.bounds.isChecked(one));
    this.pairing.pass(passed);
    this.slow.pass(passed);
  }

  private check(window: LoadWindow): void {
    for (let k = 0; k < this.options.phases; k++) this.slow.add(k, this.watch.driftOf(k));
    this.bounds.take(window);
  }

  /** What seemed an appliance may have been the inverter: a balanced one, or one of the phase in which that is. */
  private takeBack(phase: number | undefined): void {
    const isBalanced = (one: KnownAppliance): boolean => one.phases.length > 1 && !lags(one);
    const doubtful = this.known.filter((one) => (phase === undefined ? isBalanced(one) : one.isOnly(phase)));
    for (const { id, name } of doubtful) if (name === null) this.forget(id);
  }

  private step(step: LoadStep): void {
    if (step.power < 0) this.pairing.down(step);
    else (this.nearest(step) ?? this.add(step)).begin(step);
    for (const listener of this.listeners) listener(step);
  }

  private nearest(step: LoadStep): KnownAppliance | undefined {
    let best: KnownAppliance | undefined;
    let least = SAME;
    for (const one of this.known) {
      const distance = one.isOn ? Infinity : one.distance(step);
      if (distance > least) continue;
      least = distance;
      best = one;
    }
    return best;
  }

  private add({ phases, power, reactive, harmonics, t }: LoadStep): KnownAppliance {
    if (this.known.length >= MOST_APPLIANCES) this.dropOne();
    const id = `a${++this.last}`;
    const made = {
      id,
      name: null,
      phases,
      power,
      reactive,
      harmonics,
      lasting: 1,
      longest: 0,
      energy: 0,
      runs: 0,
      whole: 0,
      ran: 0,
      doubtful: 0,
      lastSeen: t,
    };
    const one = new KnownAppliance(made);
    this.known.push(one);
    return one;
  }

  /** One that nobody named, does not run, and ran least and longest ago; else the first. */
  private dropOne(): void {
    const idle = this.known.filter(({ name, isOn }) => name === null && !isOn);
    const [rarest] = idle.sort((a, b) => a.runs - b.runs || a.lastSeen - b.lastSeen);
    this.known.splice(Math.max(0, rarest === undefined ? 0 : this.known.indexOf(rarest)), 1);
  }

  private find(id: string): KnownAppliance {
    const found = this.known.find((one) => one.id === id);
    if (found === undefined)
      throw new SmxError('SMX_EXTENSION_CALL', `No appliance "${id}" is known; the call appliances lists them`);
    return found;
  }
}

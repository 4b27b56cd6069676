import type { EventKind } from './event.js';
import type { HalfCycleLevels } from './half-cycle-levels.js';
import type { Setting } from './options.js';

/** How a kind of event begins and ends. */
export interface EventRule {
  readonly kind: Exclude<EventKind, 'rapid-change'>;
  /** V: a value beyond it is part of the event. */
  readonly threshold: number;
  /** V: what was part of it ends at it. */
  readonly release: number;
  /** Whether beyond is above: a swell. */
  readonly isAbove: boolean;
  /** Whether it takes all phases to begin and one to end it: an interruption; else one begins it and all end it. */
  readonly needsAll: boolean;
}

/** What came of an event, positions in samples. */
export interface EventSpan {
  readonly rule: EventRule;
  /** Positions of the values that crossed the thresholds, and of the edges. */
  readonly stampedStart: number;
  readonly stampedEnd: number;
  readonly start: number;
  readonly end: number;
  readonly extreme: number;
  readonly phases: readonly number[];
  /** Samples were lost within it or beside it. */
  readonly isFlagged: boolean;
  /** Whether a value of samples alone was beyond the threshold: else the loss itself may have looked like an event. */
  readonly isSure: boolean;
}

/** Rules of IEC 61000-4-30 §5.4.2 (dip), §5.4.3 (swell) and §5.5.1 (interruption). */
export function eventRules({ declared, thresholds }: Setting): readonly EventRule[] {
  const { dip, swell, interruption, hysteresis } = thresholds;
  const rule = (kind: EventRule['kind'], share: number): EventRule => {
    const isAbove = kind === 'swell';
    const release = (share + (isAbove ? -hysteresis : hysteresis)) * declared;
    return { kind, threshold: share * declared, release, isAbove, needsAll: kind === 'interruption' };
  };
  return [rule('dip', dip), rule('swell', swell), rule('interruption', interruption)];
}

/** Half cycles after a value crossed its threshold until the level beyond the edge is known. */
const SETTLING = 2;
/** Half cycles that its first edge is found in, and the one before. */
const BEFORE = 4;

/** Watches for one kind of event over all phases. */
export class VoltageEvent {
  /** Whether a value beyond the threshold was sure. */
  isSure = false;
  private isFlagged = false;
  /** Number of the half cycle at which the value that began it starts; NaN while there is none. */
  private first = NaN;
  private stampedStart = NaN;
  private start = NaN;
  private readonly isBeyond = [false, false, false];
  private readonly took = [false, false, false];
  private extreme = NaN;
  private lastEdge = NaN;
  /** By phase, the half cycle at which the first value back within the threshold starts; -1 where there is none. */
  private readonly returned = [-1, -1, -1];
  /** Half cycles since the event was over: another one that begins within them is part of it. */
  private overFor = 0;

  constructor(
    private readonly rule: EventRule,
    private readonly levels: HalfCycleLevels,
  ) {}

  get isActive(): boolean {
    return !Number.isNaN(this.first);
  }

  get kind(): EventRule['kind'] {
    return this.rule.kind;
  }

  /** Position of the value that began it. */
  get since(): number {
    return this.stampedStart;
  }

  /** Looks at the last half cycle; gives the event that ended two half cycles ago. */
  step(): EventSpan | undefined {
    const { levels, rule } = this;
    let beyond = 0;
    for (let k = 0; k < levels.phases; k++) {
      const isPast = this.past(levels.rms[k]!, this.isBeyond[k]! ? rule.release : rule.threshold);
      if (this.isBeyond[k] && !isPast) this.returned[k] = levels.count - 2;
      this.isBeyond[k] = isPast;
      if (isPast) beyond++;
    }
    if (!this.isActive && beyond >= (rule.needsAll ? levels.phases : 1)) this.begin();
    if (!this.isActive) return undefined;
    this.isFlagged ||= levels.isTouched(1);
    for (let k = 0; k < levels.phases; k++) this.follow(k);
    if (levels.count - 2 === this.first + SETTLING) this.settleStart();
    const isOver = rule.needsAll ? beyond < levels.phases : beyond === 0;
    this.overFor = isOver ? this.overFor + 1 : 0;
    return this.overFor > SETTLING ? this.span(levels.startOf(levels.count - 2 - SETTLING)) : undefined;
  }

  /** Ends with the last half cycle before a loss after which all begins anew: gives the event that went on. */
  breakOff(): EventSpan | undefined {
    this.isFlagged = true;
    const span = this.isActive ? this.span(this.levels.end) : undefined;
    this.isBeyond.fill(false);
    return span;
  }

  private past(value: number, limit: number): boolean {
    return this.rule.isAbove ? value > limit : value < limit;
  }

  private begin(): void {
    this.first = this.levels.count - 2;
    this.stampedStart = this.levels.startOf(this.first);
    this.start = NaN;
    this.extreme = NaN;
    this.took.fill(false);
    this.lastEdge = NaN;
    this.overFor = 0;
    this.returned.fill(-1);
    this.isSure = false;
    this.isFlagged = this.levels.isTouched(BEFORE);
  }

  private follow(phase: number): void {
    if (this.returned[phase]! >= 0 && this.levels.count - 2 === this.returned[phase]! + SETTLING)
      this.noteReturn(phase);
    if (!this.isBeyond[phase]) return;
    this.took[phase] = true;
    if (!this.levels.isSure) return;
    this.isSure = true;
    const value = this.levels.rms[phase]!;
    if (Number.isNaN(this.extreme) || (this.rule.isAbove ? value > this.extreme : value < this.extreme))
      this.extreme = value;
  }

  /** The edge at which the first phase left, once the level after it is known. */
  private settleStart(): void {
    const n = this.first;
    const { levels } = this;
    this.start = this.stampedStart;
    let earliest = Infinity;
    let latest = -Infinity;
    for (let k = 0; k < levels.phases; k++) {
      if (!this.took[k] || n < 2) continue;
      const fresh = this.farther(levels.square(k, n + 1), levels.square(k, n + 2));
      const edge = levels.edge(k, n - 1, { old: levels.square(k, n - 2), fresh });
      earliest = Math.min(earliest, edge);
      latest = Math.max(latest, edge);
    }
    const edge = this.rule.needsAll ? latest : earliest;
    if (Number.isFinite(edge)) this.start = edge;
  }

  /** The edge at which a phase came back. */
  private noteReturn(phase: number): void {
    const { levels } = this;
    const m = this.returned[phase]!;
    if (m < 2) return;
    const old = this.farther(levels.square(phase, m - 1), levels.square(phase, m - 2));
    const edge = levels.edge(phase, m - 1, { old, fresh: levels.square(phase, m + 2) });
    if (Number.isNaN(this.lastEdge) || this.rule.needsAll !== edge > this.lastEdge) this.lastEdge = edge;
  }

  private span(stampedEnd: number): EventSpan {
    const end = Number.isNaN(this.lastEdge) ? stampedEnd : this.lastEdge;
    const { rule, stampedStart, extreme, isFlagged, isSure } = this;
    const start = Number.isNaN(this.start) ? stampedStart : this.start;
    const phases = [0, 1, 2].filter((k) => this.took[k]);
    this.first = NaN;
    return { rule, stampedStart, stampedEnd, start, end: Math.max(end, start), extreme, phases, isFlagged, isSure };
  }

  private farther(a: number, b: number): number {
    return this.rule.isAbove ? Math.max(a, b) : Math.min(a, b);
  }
}

import type { Alarm } from './alarms.js';

/** How a box and its stream `inst` stand; times in ms UTC. */
export interface Standing {
  readonly site: string;
  readonly state: string | null;
  /** Since when in this state. */
  readonly since: number | null;
  /** Shortest window of its catalogue, 0 where there is raw data; null where nothing is granted. */
  readonly every: number | null;
  readonly last: number | null;
}

export interface JudgeOptions {
  readonly now: number;
  /** Time without a batch that is alarmed, ms. */
  readonly silence: number;
  /** Since when this controller can hear and keep what it hears, ms UTC: before that silence is not the box's. */
  readonly hearing: number;
}

const text = (time: number): string => new Date(time).toISOString();

/** What is wrong with a box, with its cause; nothing where all is well. */
export function judge(box: Standing, { now, silence, hearing }: JudgeOptions): Alarm[] {
  const { site, state, since, every, last } = box;
  if (state === 'gone') return [];
  const found: Alarm[] = [];
  const heard = Math.max(last ?? 0, since ?? 0, hearing);
  if (state === 'lost')
    found.push({ site, cause: 'lost', detail: `its connection broke; the last batch came ${at(last)}` });
  else if (state === 'closing') found.push({ site, cause: 'closing', detail: `it was stopped ${at(since)}` });
  else if (every !== null && now - heard >= silence + every)
    found.push({ site, cause: 'silent', detail: `it is on line and sends no batches; the last one came ${at(last)}` });
  return found;
}

const at = (time: number | null): string => (time === null ? 'never' : text(time));

import type { EventRecord } from '@smx-edge/model';

const KINDS = ['dip', 'swell', 'interruption', 'rapid-change'] as const;
type QualityKind = (typeof KINDS)[number];

/** A dip, swell, interruption or rapid change as the box told it; undefined of what it did not say. */
export interface QualityEvent {
  readonly id: number;
  /** ms UTC of its begin. */
  readonly t: number;
  readonly kind: QualityKind;
  /** s. */
  readonly duration: number | undefined;
  /** V, RMS of half a cycle that is farthest off. */
  readonly extreme: number | undefined;
  /** Share of the declared voltage by which `extreme` is off it. */
  readonly depth: number | undefined;
  readonly phases: readonly string[];
  /** Samples were lost beside it, which its figures may come of. */
  readonly isDoubtful: boolean;
  /** Name of the file with the wave around its begin. */
  readonly wave: string | undefined;
}

/** % of the declared voltage that is left, or that it rises to; undefined of a rapid change, which is no level. */
export function residualOf({ kind, depth }: Pick<QualityEvent, 'kind' | 'depth'>): number | undefined {
  if (depth === undefined || kind === 'rapid-change') return undefined;
  return 100 * (kind === 'swell' ? 1 + depth : 1 - depth);
}

/** What there is of them among events, newest first. */
export function qualityEventsOf(events: readonly EventRecord[]): QualityEvent[] {
  return events.flatMap((event) => eventOf(event) ?? []).sort((a, b) => b.t - a.t || b.id - a.id);
}

function eventOf({ id, t, code, data, files }: EventRecord): QualityEvent | undefined {
  const kind = KINDS.find((known) => known === code);
  if (kind === undefined) return undefined;
  const said = (typeof data === 'object' && data !== null ? data : {}) as Readonly<Record<string, unknown>>;
  const number = (name: string): number | undefined => {
    const value = said[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  const { phases } = said;
  return {
    ...{ id, t, kind, duration: number('duration'), extreme: number('extreme'), depth: number('depth') },
    phases: Array.isArray(phases) ? phases.filter((phase) => typeof phase === 'string') : [],
    isDoubtful: said['flagged'] === true,
    wave: files.find((name) => name.startsWith('waveform')),
  };
}

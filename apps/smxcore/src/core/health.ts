import type { HealthAnswer, HealthBoard, PartState } from '../http/doors.js';
import { problemText, type Problem } from '../config/index.js';
import { VERSION } from '../version.js';

export interface HealthSources {
  readonly site: string;
  readonly since: number;
  readonly problems: readonly Problem[];
  readonly store: () => PartState;
  readonly broker: () => PartState;
  readonly links: () => PartState;
  /** Undefined before the instances are started. */
  readonly extensions: () =>
    { readonly settled: boolean; readonly failed: readonly string[]; readonly running: number } | undefined;
}

/** What the box says about itself. */
export class BoxHealth implements HealthBoard {
  constructor(private readonly sources: HealthSources) {}

  ready(): boolean {
    const { store, broker, extensions } = this.sources;
    return store().ok && broker().ok && extensions()?.settled === true;
  }

  answer(): HealthAnswer {
    const { site, since, problems, store, broker, links } = this.sources;
    return {
      status: this.ready() ? 'ready' : 'starting',
      site,
      version: VERSION,
      since,
      parts: { store: store(), broker: broker(), extensions: this.extensions(), links: links() },
      problems: problems.map((problem) => ({ code: problem.code, text: problemText(problem) })),
    };
  }

  private extensions(): PartState {
    const state = this.sources.extensions();
    if (state === undefined) return { ok: false, text: 'not started yet' };
    const { failed, running, settled } = state;
    const text = `${running} running${failed.length > 0 ? `, failed: ${failed.join(', ')}` : ''}${settled ? '' : ', some are starting'}`;
    return { ok: failed.length === 0 && settled, text };
  }
}

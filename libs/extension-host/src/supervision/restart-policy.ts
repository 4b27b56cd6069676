/** A run that lasted this long was stable: earlier deaths are forgotten. */
const STABLE_MS = 5 * 60_000;
const FIRST_MS = 500;
const STEP_MS = 10_000;
const MOST_EARLY_DEATHS = 4;
const LONGEST_RETRY_MS = 5 * 60_000;

export type Verdict = { readonly restartIn: number } | 'quarantine' | 'stay';

/**
 * When to start an instance again: at once after a run that was up, then after 10 s·n; four deaths of runs shorter than
 * five minutes are quarantine. An orderly failure of `start` is no death: it is tried again for ever at 10 s·n, at most
 * 5 min apart, where its class is retryable.
 */
export class RestartPolicy {
  private deaths = 0;
  private failures = 0;

  died(run: { readonly lasted: number; readonly wasUp: boolean }): Verdict {
    this.failures = 0;
    if (run.lasted >= STABLE_MS) this.deaths = 0;
    const before = this.deaths;
    if (run.lasted < STABLE_MS) this.deaths++;
    if (this.deaths >= MOST_EARLY_DEATHS) return 'quarantine';
    if (run.wasUp) return { restartIn: before === 0 ? FIRST_MS : STEP_MS * before };
    return { restartIn: STEP_MS * Math.max(1, this.deaths) };
  }

  failed(retryable: boolean): Verdict {
    if (!retryable) return 'stay';
    this.failures++;
    return { restartIn: Math.min(LONGEST_RETRY_MS, STEP_MS * this.failures) };
  }

  /** Somebody repaired it. */
  forgive(): void {
    this.deaths = 0;
    this.failures = 0;
  }
}

/** e-MUCS H 1.3 §4.1 and the picture of a real line; the brochure of Fluvius on its user ports says the other. */
const SPEEDS = [2_000_000, 1_500_000] as const;
/** ms in which bytes came and no frame, after which the other speed is tried: a hundred times what a frame takes. */
const PATIENCE = 3000;

/** Whether a source is a serial line that leaves its speed to us. */
export function leavesSpeed(source: string): boolean {
  return source.startsWith('serial:') && !/[?&]baud=/.test(source);
}

/** The source as it is to be opened: at the first speed that is tried, where it leaves that to us. */
export function atFirstSpeed(source: string): string {
  return leavesSpeed(source) ? `${source}${source.includes('?') ? '&' : '?'}baud=${SPEEDS[0]}` : source;
}

/** Finds the speed of a serial line that was opened at the first one: changes it only while bytes arrive, and keeps it once a frame was good. */
export class SpeedTrial {
  private index = 0;
  private since = NaN;
  private found = false;

  get setting(): { readonly baud: number; readonly mode: string } {
    return { baud: SPEEDS[this.index]!, mode: '8N1' };
  }

  bytes(now: number): void {
    if (Number.isNaN(this.since)) this.since = now;
  }

  good(): void {
    this.found = true;
  }

  /** Whether another setting is to be tried from now on. */
  isDue(now: number): boolean {
    if (this.found || !(now - this.since >= PATIENCE)) return false;
    this.index = (this.index + 1) % SPEEDS.length;
    this.since = NaN;
    return true;
  }
}

import type { Clock } from '@smx-edge/model';
import type { Alarms } from '../../alarms.js';
import type { Device } from '../../device.js';
import { ExportLoop } from './export-loop.js';

const PATH = 'export/limit';
const BLIND =
  'the meter at the connection, or the inverter, gives no power now: the inverter gives no more than the export limit itself until it does';

export interface ExportWatchOptions {
  readonly clock: Clock;
  /** ms for which a reading of the inverter holds. */
  readonly maxAge: number;
  readonly alarms: Alarms;
  readonly inverter: Device;
  /** There is one, although it gives nothing yet. */
  readonly hasMeter: boolean;
}

/** What one inverter may give under a limit of export, by the powers that are read; says where it has to do without them. */
export class ExportWatch {
  private readonly loop = new ExportLoop();
  private isMetered: boolean;

  constructor(private readonly o: ExportWatchOptions) {
    this.isMetered = o.hasMeter;
  }

  /** Export can be limited once a meter is known. */
  get hasMeter(): boolean {
    return this.isMetered;
  }

  /** A reading of the inverter, W, positive = given, negative = drawn. */
  gives(watts: number): void {
    const at = this.o.clock.monotonic();
    this.loop.gives({ watts, at, until: at + this.o.maxAge });
  }

  /** A reading of the meter, W, positive = imported, that holds for `age` ms; null where it gives none any more. */
  draws(watts: number | null, age: number): void {
    if (watts === null) {
      this.loop.loses();
      return;
    }
    this.isMetered = true;
    const at = this.o.clock.monotonic();
    this.loop.draws({ watts, at, until: at + age });
  }

  /** W that the inverter may give now; undefined where nobody asks for a limit. */
  allows(limit: number | undefined, most: number): number | undefined {
    const { alarms, inverter, clock } = this.o;
    const now = clock.monotonic();
    const isBlind = limit !== undefined && !this.loop.sees(now);
    alarms.set({ device: inverter, path: PATH }, 'control.blind', isBlind ? { text: BLIND } : undefined);
    if (limit !== undefined) return this.loop.allows(limit, most, now);
    this.loop.rest();
    return undefined;
  }
}

import { partsOf, MEASURED_IDS, PART_IDS, type SunSpecPart } from './parts.js';
import type { CounterDoor } from './part-counters.js';
import { isNullFrame } from './part-points.js';
import type { PlacedModel, SunSpecUnit } from './sunspec-unit.js';

/** How often it is looked who a device is and whether it has more models than before, ms: not each second. */
const NAMED = 60_000;
/** A chain that ended without an end model may have been cut by a device that was slow: it is walked again so often, ms. */
const LOOKED = 600_000;
const COMMON = 1;
/** What is set there is watched in each reading: it stands between models that are read anyway. */
const CONTROLS = 123;

/** Reads the devices of one unit in as few requests as can be. */
export class UnitReader {
  /** Models of the last reading, also such as no device is made of. */
  last: readonly PlacedModel[] = [];
  private commons: readonly PlacedModel[] = [];
  private chain: object | undefined;
  private isWhole = true;
  private namedAt = -Infinity;
  private walkedAt = -Infinity;

  /** `monotonic`: ms of a clock that nobody sets. */
  constructor(
    private readonly sunspec: SunSpecUnit,
    private readonly door?: CounterDoor,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  /** Whether it was ever read. */
  get hasRead(): boolean {
    return this.chain !== undefined;
  }

  /** All devices, values of each from one moment. Rejects as `SunSpecUnit.read`. */
  async read(): Promise<readonly SunSpecPart[]> {
    const models = await this.models();
    // what an inverter sends while it has lost its power stage is asked for once more
    this.last = models.some(isNullFrame) ? await this.models() : models;
    return partsOf(this.last, this.door);
  }

  private async models(): Promise<readonly PlacedModel[]> {
    const now = this.monotonic();
    if (!this.isWhole && now - this.walkedAt > LOOKED) this.sunspec.forget();
    const isDue = now - this.namedAt > NAMED;
    if (isDue) await this.sunspec.checkEnd();
    let reading = await this.sunspec.read([...(isDue ? PART_IDS : MEASURED_IDS), CONTROLS]);
    const isMoved = reading.chain !== this.chain;
    if (isMoved && !isDue) reading = await this.sunspec.read([...PART_IDS, CONTROLS]);
    if (isMoved) this.walkedAt = now;
    if (isMoved || isDue) {
      this.commons = reading.models.filter(({ id }) => id === COMMON);
      this.namedAt = now;
    }
    this.chain = reading.chain;
    this.isWhole = reading.chain.end === 'end-model';
    const measured = reading.models.filter(({ id }) => id !== COMMON);
    return [...this.commons, ...measured].sort((a, b) => a.address - b.address);
  }
}

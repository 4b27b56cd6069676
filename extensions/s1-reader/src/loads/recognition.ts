import type { Device, InstanceState, SmxContext } from '@smx-edge/extension-api';
import { describeError, SmxError } from '@smx-edge/model';
import {
  checkedLoads,
  LoadRecognition,
  type Appliance,
  type KeptLoads,
  type LoadOptions,
} from '@smx-edge/protocols/load-events';
import type { Values } from '@smx-edge/protocols/power-quality';
import { AppliancePoints, type Known } from './appliance-points.js';
import { Consent } from './consent.js';

const KEY = 'loads';
/** What was learned is written this often at most, for a card wears out; what the user says is written at once. */
const EVERY = '30m';

/** What is known of earlier runs. */
export interface Recalled {
  readonly consent: Consent;
  kept: KeptLoads | undefined;
  /** What was known when the consent ended and no run took the points of. */
  readonly lapsed: readonly Known[];
}

/** Recognises appliances, where the resident wants it, and keeps what it learned. */
export class Recognition {
  private readonly points: AppliancePoints;
  private running: LoadRecognition | undefined;
  private options: LoadOptions | undefined;
  private isTold = false;
  /** When the first window of this run began, ms UTC; NaN before. */
  private from = NaN;
  /** Something was taken since it was last told: what stands still is not told as if it were so now. */
  private isFresh = false;
  /** Something was taken since the last write. */
  private isNew = false;

  constructor(
    private readonly smx: SmxContext,
    device: Device,
    private readonly recalled: Recalled,
  ) {
    this.points = new AppliancePoints(device);
    this.points.erase(recalled.lapsed);
    smx.every('1m', () => this.tell());
    smx.every(EVERY, () => this.save());
    smx.onStop(() => this.save());
  }

  /** What is known of earlier runs. Without consent nothing stays, also where a kill came between its end and the deletion. */
  static async recall(state: InstanceState): Promise<Recalled> {
    const consent = await Consent.load(state);
    const kept = await state.get<KeptLoads>(KEY);
    if (consent.isGiven) return { consent, kept, lapsed: [] };
    if (kept !== undefined) await state.set(KEY, null);
    return { consent, kept: undefined, lapsed: checkedLoads(kept)?.appliances ?? [] };
  }

  /** Whether it is on, and when that was decided, ms UTC; null where nobody did. */
  get decision(): { readonly isOn: boolean; readonly at: number | null } {
    const { isGiven, at } = this.recalled.consent;
    return { isOn: isGiven, at };
  }

  /** The meter as its frames describe it; another one begins anew with what was learned. */
  begin(options: LoadOptions): void {
    this.recalled.kept = this.running?.keep() ?? this.recalled.kept;
    this.options = options;
    this.running = undefined;
    if (this.decision.isOn) this.run(options);
  }

  /** Takes the values of a window. Without consent nothing of it is looked at. */
  take(values: Values): void {
    const { running } = this;
    if (running === undefined) return;
    running.take(values);
    this.isNew = true;
    this.isFresh = true;
    if (Number.isNaN(this.from)) this.from = values.start;
    if (this.isTold) return;
    this.isTold = true;
    this.tell();
  }

  /** All that are known; none without consent. */
  get appliances(): readonly Appliance[] {
    return this.running?.appliances ?? [];
  }

  /** Why nothing is looked at though the resident wants it; null where that is not so. */
  get wait(): string | null {
    if (this.running === undefined) return 'No S1 frame of a meter with a neutral came yet';
    return Number.isNaN(this.from)
      ? 'No power with a known direction came yet; where none comes within a minute, see `calibrate-from` and `invert`'
      : null;
  }

  /** Gives or withdraws the consent. Withdrawn, all that was learned and all its points are gone. */
  async decide(given: boolean): Promise<void> {
    const { smx, points, recalled } = this;
    const { consent } = recalled;
    if (given !== consent.isGiven || consent.at === null) await consent.decide(given, smx.now());
    if (given) {
      if (this.running === undefined && this.options !== undefined) this.run(this.options);
      return;
    }
    points.erase(this.running?.appliances ?? checkedLoads(recalled.kept)?.appliances ?? []);
    this.running = undefined;
    recalled.kept = undefined;
    await smx.state.set(KEY, null);
  }

  /** Lets the user change what is known, which is kept before it is answered. Throws what `change` throws. */
  async change(change: (recognition: LoadRecognition) => void): Promise<void> {
    const running = this.mustRun();
    change(running);
    this.points.tell(running.appliances, this.from);
    await this.smx.state.set(KEY, running.keep());
  }

  private run(options: LoadOptions): void {
    this.running = new LoadRecognition(options, this.recalled.kept);
    this.isTold = false;
    this.from = NaN;
    this.running.onStep(() => (this.isTold = false));
  }

  private tell(): void {
    if (this.running === undefined || !this.isFresh) return;
    this.isFresh = false;
    this.points.tell(this.running.appliances, this.from);
  }

  private async save(): Promise<void> {
    if (this.running === undefined || !this.isNew) return;
    this.isNew = false;
    try {
      await this.smx.state.set(KEY, this.running.keep());
    } catch (error) {
      this.smx.log.warn('what was learned of appliances could not be kept', { error: describeError(error) });
    }
  }

  private mustRun(): LoadRecognition {
    if (!this.decision.isOn)
      throw new SmxError(
        'SMX_NOT_AVAILABLE',
        'Appliances are not recognised: the resident turns it on with the call loads-consent, or on the page',
      );
    if (this.running === undefined)
      throw new SmxError('SMX_EXTENSION_CALL', 'No S1 frame came yet, so nothing is known of appliances');
    return this.running;
  }
}

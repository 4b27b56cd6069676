import type { Alarms, Device, SmxContext } from '@smx-edge/extension-api';
import { isOfObject, MeterHealth, PasswordTries, type EventPace, type MeterState, type MeterTurn } from '@smx-edge/extension-api/metering'; // prettier-ignore
import { SmxError, type Clock } from '@smx-edge/model';
import { decodeDataSets, type DataSet, type Identification, type Reading } from '@smx-edge/protocols/iec62056-21';
import type { Asker } from '../load-profile/asker.js';
import type { Conversation } from '../line/conversation.js';
import type { IecLine } from '../line/iec-line.js';
import { serialOf } from '../points/serial.js';
import type { MeterProfile } from '../profile/meter-profile.js';
import type { IecConfig, MeterSettings } from '../settings.js';
import { memoriesOf, type Memories } from './memories.js';
import { MeterValues } from './meter-values.js';

/** A meter that is asked less often than this is let go of meanwhile, ms: it ends a conversation by itself after a minute. */
const KEPT = 30_000;
/** Where meters say who they are (OBIS 0-0:0.0.0 and its short form C.1.0, IEC 62056-61). */
const SERIALS = ['0.0.0', 'C.1.0'] as const;
/** Longest time between beats, ms. */
const BEAT = 60_000;

export interface MeterReaderOptions {
  readonly smx: SmxContext<IecConfig>;
  readonly meter: MeterSettings;
  readonly alarms: Alarms;
  readonly pace: EventPace;
  readonly line: IecLine;
  /** For intervals. */
  readonly clock: Clock;
  /** Of all meters of the line. */
  readonly addresses: readonly string[];
}

/** Reads one meter: readouts and registers when they are due, load profiles and logs in the time that is left. */
export class MeterReader implements MeterTurn {
  readonly device: Device;
  private readonly health: MeterHealth;
  private readonly values: MeterValues;
  private readonly tries: PasswordTries;
  private readonly asker: Asker = { read: (command, data) => this.ask(command, data) };
  private conversation: Conversation | undefined;
  private family: MeterProfile;
  private memories: Memories | undefined;
  private readoutDue = 0;
  private pollDue = 0;
  /** Why a register is not asked for any more, by address. */
  private readonly protectedOnes = new Map<string, string>();
  /** Time that went into signing on so far, ms. */
  private signedOn = 0;
  private isStopping = false;

  constructor(private readonly o: MeterReaderOptions) {
    const { smx, meter, alarms, addresses, clock } = o;
    this.device = smx.device(meter.device, { kind: 'meter' });
    const credentials = Buffer.from(JSON.stringify([meter.address ?? null, meter.password ?? null]));
    this.health = new MeterHealth({ smx, alarms, credentials, device: this.device });
    this.tries = new PasswordTries(smx.state, { device: meter.device, credentials, config: smx.config, now: smx.now });
    this.values = new MeterValues({ smx, meter, alarms, addresses, clock, device: this.device });
    this.family = meter.family();
  }

  get state(): MeterState {
    return this.health.state;
  }

  /** Up to where each load profile is here, ms UTC. */
  get reached(): readonly (number | undefined)[] {
    return (this.memories?.profiles ?? []).map(({ reached }) => reached);
  }

  get readout(): string | undefined {
    return this.values.readout;
  }

  isImpatient(now: number): boolean {
    return !this.isStopping && this.health.isImpatient(now);
  }

  async begin(): Promise<void> {
    await this.health.begin();
  }

  async beat(now: number): Promise<void> {
    const { meter, line } = this.o;
    const isDue = this.isDue(this.readoutDue, now) || this.isDue(this.pollDue, now);
    if (this.isStopping || !isDue || line.left() === 0 || !(await this.health.mayAsk(now))) return;
    await this.guarded(async () => {
      if (meter.readout > 0 && this.isDue(this.readoutDue, now)) await this.readOut(now);
      if (meter.poll !== undefined && this.isDue(this.pollDue, now)) await this.poll(meter.poll.addresses);
      else if (meter.readout === 0) await this.session();
      this.pollDue = now + (meter.poll?.every ?? Infinity);
      this.health.good();
    });
  }

  async fill(left: number): Promise<boolean> {
    if (this.isStopping || this.state.code !== 'reading' || this.memories === undefined) return false;
    const { line, meter } = this.o;
    let did = false;
    await this.guarded(async () => {
      for (const memory of this.memories!.all) {
        did = await memory.step(this.asker, Math.min(left, line.left()));
        if (did) return;
      }
      if (this.conversation?.isOpen === true && (meter.poll?.every ?? Infinity) > KEPT) await line.leave();
    });
    return did;
  }

  async stop(within: number): Promise<void> {
    this.isStopping = true;
    let late: NodeJS.Timeout | undefined;
    await Promise.race([this.o.line.close(), new Promise((resolve) => (late = setTimeout(resolve, within)))]);
    clearTimeout(late);
  }

  /** Beats are no clockwork: one that comes a little early is meant. */
  private isDue(due: number, now: number): boolean {
    const { readout, poll } = this.o.meter;
    return now >= due - Math.min(readout || Infinity, poll?.every ?? Infinity, BEAT) / 4;
  }

  private async readOut(now: number): Promise<void> {
    const { line, meter, smx } = this.o;
    const { conversation, answer } = await line.converse(meter, { family: this.family, mode: 'readout' });
    this.identified(conversation.identification);
    if (answer === undefined)
      throw new SmxError('SMX_METER_SILENT', 'The meter ended the conversation without a readout');
    await this.values.readOut(answer, line.isDoubtful);
    // at 300 baud one takes as long as many want them apart: as much time is left for load profiles
    const least = this.family.profiles.length > 0 ? 2 * (smx.now() - now) : 0;
    this.readoutDue = now + Math.max(meter.readout, least);
  }

  private async poll(addresses: readonly string[]): Promise<void> {
    const sets: DataSet[] = [];
    const missing = new Map(this.protectedOnes);
    for (const address of addresses) {
      if (this.protectedOnes.has(address)) continue;
      try {
        const text = await this.ask(this.family.registerCommand, `${address}()`);
        // many meters leave the address out in their answer
        sets.push(...decodeDataSets(text).map((set) => ({ ...set, address: set.address || address })));
      } catch (error) {
        if (!isOfObject(error)) throw error;
        missing.set(address, error.message);
        if (error.code === 'SMX_METER_OBJECT') this.isProtected(address, error.message);
      }
    }
    this.values.polled(sets, missing, 3 * this.o.meter.poll!.every);
  }

  /** It would be refused each time, and some meters count that. */
  private isProtected(address: string, reason: string): void {
    this.protectedOnes.set(address, reason);
    this.o.smx.log.warn('a register is refused and not asked for any more', {
      device: this.device.name,
      address,
      reason,
    });
  }

  private async ask(command: Reading, data: string): Promise<string> {
    return (await (await this.session()).read(command, data)).text;
  }

  /** Programming mode. Rejects with no code of `isOfObject`: what is wrong here is of the meter as a whole. */
  private async session(): Promise<Conversation> {
    if (this.conversation?.isOpen === true) return this.conversation;
    const { line, meter, clock } = this.o;
    const began = clock.monotonic();
    try {
      const { conversation } = await line.converse(meter, {
        family: this.family,
        mode: 'programming',
        tries: this.tries,
      });
      this.identified(conversation.identification);
      const serial = this.mayBeOther ? await this.serialOver(conversation) : undefined;
      if (serial !== undefined) await this.values.recognise(serial, line.isDoubtful);
      return (this.conversation = conversation);
    } catch (error) {
      if (isOfObject(error)) throw new SmxError('SMX_METER_SILENT', error.message, { cause: error });
      throw error;
    } finally {
      this.signedOn += clock.monotonic() - began;
    }
  }

  /** Whether another meter may answer, and none is to be read. */
  private get mayBeOther(): boolean {
    return this.o.addresses.length > 1 || this.o.meter.serial !== undefined;
  }

  /** Undefined where the meter does not show it in this mode. */
  private async serialOver(conversation: Conversation): Promise<string | undefined> {
    for (const address of SERIALS) {
      if (this.protectedOnes.has(address)) continue;
      try {
        const { text } = await conversation.read(this.family.registerCommand, `${address}()`);
        const serial = serialOf(decodeDataSets(text).map((set) => ({ ...set, address: set.address || address })));
        if (serial !== undefined) return serial;
      } catch (error) {
        if (!isOfObject(error)) throw error;
        if (error.code === 'SMX_METER_OBJECT') this.isProtected(address, error.message);
      }
    }
    return undefined;
  }

  private identified(identification: Identification | undefined): void {
    if (identification === undefined) return;
    const { smx, meter, pace } = this.o;
    this.values.identify(identification);
    this.family = meter.family(identification);
    const [behind, signedOn] = [() => this.values.behind, () => this.signedOn];
    this.memories ??= memoriesOf({ smx, meter, pace, behind, signedOn, family: this.family, device: this.device });
  }

  private async guarded(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (this.o.addresses.length > 1) this.o.line.distrust();
      // what is cut short by the end of the instance is no fault of the meter
      if (!this.isStopping) await this.health.failed(error);
    }
  }
}

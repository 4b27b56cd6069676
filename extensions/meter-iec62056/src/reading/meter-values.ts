import type { Alarms, Device, SmxContext } from '@smx-edge/extension-api';
import { ClockOffset } from '@smx-edge/extension-api/metering';
import { SmxError, type Clock } from '@smx-edge/model';
import { decodeDataSets, type DataSet, type Identification } from '@smx-edge/protocols/iec62056-21';
import type { Answer } from '../line/conversation.js';
import { readoutClock } from '../points/readout-clock.js';
import { ReadoutPoints } from '../points/readout-points.js';
import { serialOf } from '../points/serial.js';
import type { IecConfig, MeterSettings } from '../settings.js';

const UNPROVEN = 'nothing proves what came: no check character, and no parity';
const CLOCK = '1-0:0.9.1';
/** What an adapter held back comes all at once: what shows again so much later is the meter's own, ms. */
const SURE = 60_000;

export interface MeterValuesOptions {
  readonly smx: Pick<SmxContext<IecConfig>, 'state' | 'log' | 'now'>;
  readonly meter: MeterSettings;
  readonly device: Device;
  readonly alarms: Alarms;
  /** For intervals. */
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Of all meters of the line. */
  readonly addresses: readonly string[];
}

/** What the meter says, as identity, clock and points of its device. */
export class MeterValues {
  private readonly points: ReadoutPoints;
  private clock: ClockOffset | undefined;
  private serial: string | undefined;
  /** A number that may be another meter's, and when it showed first, monotonic ms. */
  private unsure: { readonly serial: string; readonly since: number } | undefined;
  private ident = '';
  private newest: string | undefined;

  constructor(private readonly o: MeterValuesOptions) {
    const { device, meter } = o;
    this.points = new ReadoutPoints({ device, zone: meter.zone, asked: meter.points });
  }

  /** How far the meter's clock is behind the box's, ms; 0 where it is not, or not known. */
  get behind(): number {
    return this.clock?.behind ?? 0;
  }

  /** The newest readout in the meter's own words. */
  get readout(): string | undefined {
    return this.newest;
  }

  identify({ manufacturer, text }: Identification): void {
    const ident = `${manufacturer} ${text}`;
    if (ident === this.ident) return;
    this.ident = ident;
    this.o.device.update({ manufacturer: manufacturer.toUpperCase(), model: text });
  }

  /** A whole readout. Rejects SMX_PROTOCOL_BLOCK where it holds nothing, else as `recognise`. */
  async readOut({ text, proof, began, ended }: Answer, isDoubtful = false): Promise<void> {
    const sets = decodeDataSets(text);
    if (sets.length === 0) throw new SmxError('SMX_PROTOCOL_BLOCK', 'The readout of the meter holds no data sets');
    await this.recognise(serialOf(sets), isDoubtful);
    this.newest = text;
    const { meter, smx } = this.o;
    // at 300 baud one takes longer than many want them apart, and the next as long again
    const maxAge = 3 * Math.max(meter.readout, 2 * (ended - began));
    const clock = readoutClock(sets, meter.zone, smx.now());
    if (clock !== undefined) {
      const ago = this.o.clock.monotonic() - (began + clock.place * (ended - began));
      this.offset(clock.t - (smx.now() - ago), maxAge);
    }
    this.points.take(sets, {
      maxAge,
      ...(clock !== undefined && { t: clock.t }),
      ...(proof === 'none' && { doubt: UNPROVEN }),
    });
  }

  /** Registers that were asked for one by one, and those that gave nothing. */
  polled(sets: readonly DataSet[], missing: ReadonlyMap<string, string>, maxAge: number): void {
    this.points.take(sets, { maxAge });
    for (const [address, reason] of missing) this.points.missing(address, reason, maxAge);
  }

  private offset(offset: number, maxAge: number): void {
    const { device, alarms } = this.o;
    this.clock ??= new ClockOffset(device, alarms, { obis: CLOCK, maxAge });
    this.clock.set(offset);
  }

  /** Obeys what is known of who stands where. Rejects SMX_METER_OTHER, and SMX_METER_SILENT for what may be a late answer of another. */
  async recognise(serial: string | undefined, isDoubtful: boolean): Promise<void> {
    const { meter, device, alarms, smx } = this.o;
    if (meter.serial !== undefined && serial !== meter.serial)
      throw new SmxError('SMX_METER_OTHER', `The meter has the serial number ${serial ?? 'none'}, and ${meter.serial} is expected`); // prettier-ignore
    if (serial === undefined || serial === this.serial) return;
    await this.refuseOther(serial);
    if (isDoubtful) await this.refuseUnsure(serial);
    this.serial = serial;
    device.update({ serial });
    const key = `serial:${meter.device}`;
    const before = await smx.state.get<string>(key);
    if (meter.address !== undefined) await smx.state.set(`at:${meter.address}`, serial);
    if (before === serial) return;
    await smx.state.set(key, serial);
    if (before === undefined) return;
    const text = 'The meter was exchanged: its serial number is another';
    alarms.once({ device }, 'meter-replaced', { severity: 'warning', text });
  }

  /** Of a number that is new here, while another meter of the line may still answer what it was asked before. */
  private async refuseUnsure(serial: string): Promise<void> {
    const { meter, smx, clock } = this.o;
    if (meter.serial !== undefined || (await smx.state.get<string>(`at:${meter.address ?? ''}`)) === serial) return;
    const now = clock.monotonic();
    if (this.unsure?.serial !== serial) this.unsure = { serial, since: now };
    if (now - this.unsure.since >= SURE) return;
    throw new SmxError('SMX_METER_SILENT', `Another meter of the line does not answer, and what comes may be of it: the serial number ${serial} is taken once it shows again; give each its \`serial\``); // prettier-ignore
  }

  /** On a line of several what comes late of one may look like the answer of the next. */
  private async refuseOther(serial: string): Promise<void> {
    const { meter, addresses, smx } = this.o;
    if (meter.serial !== undefined) return;
    for (const address of addresses) {
      if (address === meter.address || (await smx.state.get<string>(`at:${address}`)) !== serial) continue;
      throw new SmxError('SMX_METER_OTHER', `What answers under the address ${meter.address ?? 'of none'} has the serial number ${serial} of the meter under ${address}; if they changed places, give each its \`serial\``); // prettier-ignore
    }
  }
}

import type { Device, InstanceState } from '@smx-edge/extension-api';
import { BackFill, isOfObject, readable } from '@smx-edge/extension-api/metering';
import { SmxError, type Log, type Zone } from '@smx-edge/model';
import type { MeterProfile } from '../profile/meter-profile.js';
import { requestRange } from '../points/meter-stamp.js';
import { isRefusal, readRange, type Asker } from './asker.js';
import type { Shape } from './columns.js';
import { datedRows, headedRows, type ShapedRow } from './profile-rows.js';
import { ProfileShelf } from './profile-shelf.js';

const HOUR = 3_600_000;
/** How far back the newest rows are looked for to learn what they are, h: a meter that stood still has none of today. */
const LOOKS = [2, 26, 24 * 35] as const;
/** A profile that cannot be learnt is tried again after this, ms. */
const REST = 900_000;

export interface LoadProfileOptions {
  /** As the meter names it, `P.01`. */
  readonly name: string;
  readonly family: MeterProfile;
  readonly device: Device;
  readonly zone: Zone;
  readonly state: InstanceState;
  /** ms. */
  readonly backFill: number;
  readonly log: Log;
  now(): number;
  signedOn(): number;
}

/** One load profile of a meter: learnt from its newest rows, then brought over from the last one kept. */
export class LoadProfile {
  private readonly shelf: ProfileShelf;
  private fill: BackFill<Asker, ShapedRow> | undefined;
  private restsUntil = 0;

  constructor(private readonly o: LoadProfileOptions) {
    this.shelf = new ProfileShelf(o);
  }

  /** Up to where the rows are here, ms UTC; undefined before the first look. */
  get reached(): number | undefined {
    return this.fill?.reached;
  }

  /** Reads some rows where there may be and they fit into `left` ms. Resolves to whether it did. */
  async step(asker: Asker, left: number): Promise<boolean> {
    const { now, log, name } = this.o;
    if (this.fill !== undefined) return this.fill.step(asker, left);
    if (now() < this.restsUntil) return false;
    try {
      this.fill = this.fillOf((await this.newest(asker)).period);
    } catch (error) {
      if (!isOfObject(error)) throw error;
      this.restsUntil = now() + REST;
      log.warn('the load profile cannot be read for now', { profile: name, error: error.message });
    }
    return true;
  }

  private fillOf(period: number): BackFill<Asker, ShapedRow> {
    const { name, device, backFill, log, now, signedOn } = this.o;
    const start = now() - backFill;
    const from = start - (start % period);
    const fetch = (asker: Asker, after: number, to: number): Promise<readonly ShapedRow[]> =>
      this.fetch(asker, { from: after, to, period });
    return new BackFill({ name, period, device, profile: this.shelf, from, log, now, signedOn, fetch });
  }

  /** What the newest rows are. Rejects SMX_METER_OBJECT where there are none. */
  private async newest(asker: Asker): Promise<Shape> {
    const { now, name, family } = this.o;
    if (family.form === 'dated') return this.datedShape();
    for (const hours of LOOKS) {
      const shape = await this.shapeOf(asker, now() - hours * HOUR);
      if (shape !== undefined) return shape;
    }
    throw new SmxError('SMX_METER_OBJECT', `The meter shows no rows of ${name}`);
  }

  private async shapeOf(asker: Asker, from: number): Promise<Shape | undefined> {
    try {
      return (await this.range(asker, from, this.o.now() + HOUR)).at(-1)?.[2];
    } catch (error) {
      // some refuse a range that holds nothing
      if (!isRefusal(error)) throw error;
      return undefined;
    }
  }

  /** Also where the meter gives fewer rows at once than it is asked for. */
  private async fetch(
    asker: Asker,
    { from, to, period }: { readonly from: number; readonly to: number; readonly period: number },
  ): Promise<readonly ShapedRow[]> {
    const rows: ShapedRow[] = [];
    for (let after = from; after < to;) {
      const part = await this.part(asker, after, to);
      const last = Math.max(...part.map(([end]) => end));
      if (part.length === 0 || last <= after) break;
      rows.push(...part);
      after = last;
      // what is not there yet is not asked for twice
      if (to - last <= period && to > this.o.now() - 2 * period) break;
    }
    return rows;
  }

  private async part(asker: Asker, from: number, to: number): Promise<readonly ShapedRow[]> {
    const rows = await readRange(
      () => this.range(asker, from, to),
      () => this.newest(asker),
    );
    return (rows ?? []).filter(([end]) => end > from && end <= to);
  }

  private async range(asker: Asker, from: number, to: number): Promise<ShapedRow[]> {
    const { name, family, zone } = this.o;
    const { profileCommand, digits, stamp } = family;
    const shape = family.form === 'dated' ? this.datedShape() : undefined;
    const shift = stamp === 'end' ? 0 : (shape?.period ?? HOUR);
    const { start, end, after } = requestRange({ from: from - shift, to }, zone, digits);
    const text = await asker.read(profileCommand, `${name}(${start};${end})`);
    const form = { zone, stamp, after: after + shift };
    return readable(
      () => (shape === undefined ? headedRows(text, form) : datedRows(text, shape, form)),
      () => Buffer.from(text, 'latin1').toString('hex'),
    );
  }

  private datedShape(): Shape {
    const { channels, period } = this.o.family;
    return {
      period,
      channels: channels.map((text) => {
        const [address, unit = ''] = text.split('*');
        return { address: address!, unit };
      }),
    };
  }
}

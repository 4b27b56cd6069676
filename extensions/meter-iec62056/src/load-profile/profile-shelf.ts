import type { Device, InstanceState, Profile } from '@smx-edge/extension-api';
import { isSmxError, type ProfileRow, type SmxError } from '@smx-edge/model';
import { columnsOf, type Shape } from './columns.js';
import type { ShapedRow } from './profile-rows.js';

export interface ProfileShelfOptions {
  readonly device: Device;
  /** As the meter names it, `P.01`. */
  readonly name: string;
  readonly state: InstanceState;
}

/**
 * Where the rows of one profile of a meter go: columns of what is kept never change, so that rows of another shape, as after a new
 * parametrisation, go under another id: `P.01`, then `P.01_2`. Which is which is kept before the first row.
 */
export class ProfileShelf {
  private readonly profiles = new Map<string, Profile>();
  private readonly key: string;
  private shapes: Shape[] | undefined;

  constructor(private readonly o: ProfileShelfOptions) {
    this.key = `profile:${o.device.name}:${o.name}`;
  }

  /** End of the row that ends last, whatever its shape, ms UTC. */
  async last(): Promise<number | undefined> {
    let last: number | undefined;
    for (const shape of await this.known()) {
      const end = await (await this.profile(shape)).last();
      if (end !== undefined && (last === undefined || end > last)) last = end;
    }
    return last;
  }

  /** Rejects as a profile does; with SMX_PROFILE_CONFLICT once all rows that are not kept otherwise are kept. */
  async append(rows: readonly ShapedRow[]): Promise<void> {
    // in the order of time, so that after any cut what is missing lies behind the last that is kept
    const runs: { readonly key: string; readonly shape: Shape; readonly rows: ProfileRow[] }[] = [];
    let before: Shape | undefined;
    for (const [, row, shape] of rows) {
      // rows under one heading share its shape
      const key = shape === before ? runs.at(-1)!.key : JSON.stringify(shape);
      if (key !== runs.at(-1)?.key) runs.push({ key, shape, rows: [] });
      runs.at(-1)!.rows.push(row);
      before = shape;
    }
    let conflict: SmxError | undefined;
    for (const { shape, rows: own } of runs) {
      try {
        await (await this.profile(shape)).append(own);
      } catch (error) {
        if (!isSmxError(error) || error.code !== 'SMX_PROFILE_CONFLICT') throw error;
        conflict = error;
      }
    }
    if (conflict !== undefined) throw conflict;
  }

  private async profile(shape: Shape): Promise<Profile> {
    const key = JSON.stringify(shape);
    const known = this.profiles.get(key);
    if (known !== undefined) return known;
    const at = await this.placeOf(shape);
    const { device, name } = this.o;
    const profile = device.profile(at === 0 ? name : `${name}_${at + 1}`, { period: shape.period, columns: columnsOf(shape) }); // prettier-ignore
    this.profiles.set(key, profile);
    return profile;
  }

  private async placeOf(shape: Shape): Promise<number> {
    const shapes = await this.known();
    const at = shapes.findIndex((one) => JSON.stringify(one) === JSON.stringify(shape));
    if (at >= 0) return at;
    const more = [...shapes, { period: shape.period, channels: shape.channels }];
    await this.o.state.set(this.key, more);
    this.shapes = more;
    return more.length - 1;
  }

  private async known(): Promise<Shape[]> {
    this.shapes ??= (await this.o.state.get<Shape[]>(this.key)) ?? [];
    return this.shapes;
  }
}

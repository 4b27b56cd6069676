import { createHash } from 'node:crypto';
import {
  checkedProfile,
  checkedRow,
  isSmxError,
  type ProfileDefinition,
  type ProfileRow,
  type SmxError,
} from '@smx-edge/model';
import type { Profile } from '../profile.js';
import type { Requests } from './requests.js';

/** Characters of rows in one message, well below what one may hold. */
const FULL = 256 * 1024;

/** A load profile of a device of this process. */
export class InstanceProfile implements Profile {
  private readonly definition: ProfileDefinition;
  private known: Promise<unknown> | undefined;

  /** Throws SMX_PROFILE_INVALID. */
  constructor(
    definition: ProfileDefinition,
    private readonly home: { readonly device: number; readonly requests: Requests },
  ) {
    this.definition = checkedProfile(definition);
    // told at once, so that it shows before it has rows; what is wrong with it is told to who uses it
    this.declare().catch(() => {});
  }

  async last(): Promise<number | undefined> {
    await this.declare();
    const { device, requests } = this.home;
    const last = await requests.ask<number | null>((id) => ['profile-last', id, device, this.definition.id]);
    return last ?? undefined;
  }

  async append(rows: readonly ProfileRow[], origin: { readonly source?: Uint8Array } = {}): Promise<number> {
    const { device: name, id, columns } = this.definition;
    const about = { path: `${name}/${id}`, columns: columns.length };
    const checked = rows.map((row) => checkedRow(row, about));
    const source = origin.source === undefined ? null : createHash('sha256').update(origin.source).digest('hex');
    await this.declare();
    let added = 0;
    let conflict: SmxError | undefined;
    for (const part of inParts(checked))
      try {
        added += await this.home.requests.ask<number>((ask) => [
          'profile-append',
          ...([ask, this.home.device, id, part, source] as const),
        ]);
      } catch (error) {
        if (!isSmxError(error) || error.code !== 'SMX_PROFILE_CONFLICT') throw error;
        // the rows after those in conflict are worth keeping
        conflict ??= error;
      }
    if (conflict !== undefined) throw conflict;
    return added;
  }

  /** Makes it known to the host, again where that failed. */
  private declare(): Promise<unknown> {
    const { device, requests } = this.home;
    const { id, period, columns } = this.definition;
    if (this.known === undefined) {
      const asked = requests.ask((ask) => ['profile', ask, device, { id, period, columns }]);
      this.known = asked;
      asked.catch(() => (this.known = undefined));
    }
    return this.known;
  }
}

function* inParts(rows: readonly ProfileRow[]): Generator<ProfileRow[]> {
  let part: ProfileRow[] = [];
  let length = 0;
  for (const row of rows) {
    part.push(row);
    length += JSON.stringify(row).length;
    if (length < FULL) continue;
    yield part;
    part = [];
    length = 0;
  }
  if (part.length > 0) yield part;
}

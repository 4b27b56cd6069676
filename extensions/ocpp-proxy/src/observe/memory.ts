import { randomBytes } from 'node:crypto';
import type { SmxContext } from '@smx-edge/extension-api';
import { describeError } from '@smx-edge/model';
import type { OpenSession } from '@smx-edge/protocols/ocpp-j';
import { keyOf } from '../kept/key.js';
import type { KeptCapabilities } from '../limits/known-capabilities.js';
import type { KeptNames } from './outlet-names.js';

type Box = Pick<SmxContext, 'state' | 'log'>;
type ByStation<T> = Readonly<Record<string, T>>;

interface Kept {
  readonly names: KeptNames;
  readonly sessions: ByStation<readonly OpenSession[]>;
  readonly profiles: ByStation<readonly number[]>;
  readonly key: string;
}

const KEY_BYTES = 32;
const capabilitiesKey = (identity: string): string => `capabilities/${keyOf(identity)}`;
/** More stations are not kept: the oldest go. */
const MOST = 1000;

/** What is kept of charge points over restarts; of drivers only the key that hides their tags. */
export class StationMemory {
  readonly names: KeptNames;
  /** Key of the box for hashes of tags. */
  readonly tagKey: Buffer;
  private readonly open: Map<string, readonly OpenSession[]>;
  private readonly profiles: Map<string, readonly number[]>;

  private constructor(
    private readonly box: Box,
    { names, sessions, profiles, key }: Kept,
  ) {
    this.names = names;
    this.open = new Map(Object.entries(sessions));
    this.profiles = new Map(Object.entries(profiles));
    this.tagKey = Buffer.from(key, 'hex');
  }

  static async load(box: Box): Promise<StationMemory> {
    const { state } = box;
    const sessions = (await state.get<ByStation<readonly OpenSession[]>>('sessions')) ?? {};
    const profiles = (await state.get<ByStation<readonly number[]>>('profiles')) ?? {};
    const known = await state.get<string>('tag-key');
    const key = known ?? randomBytes(KEY_BYTES).toString('hex');
    if (known === undefined) await state.set('tag-key', key);
    const names = (await state.get<KeptNames>('outlets')) ?? {};
    return new StationMemory(box, { names, sessions, profiles, key });
  }

  sessionsOf(identity: string): readonly OpenSession[] {
    return this.open.get(identity) ?? [];
  }

  /** Ids of profiles that this box may have left on a station. */
  profilesOf(identity: string): readonly number[] {
    return this.profiles.get(identity) ?? [];
  }

  capabilitiesOf(identity: string): Promise<KeptCapabilities | undefined> {
    return this.box.state.get<KeptCapabilities>(capabilitiesKey(identity));
  }

  async keepCapabilities(identity: string, known: KeptCapabilities): Promise<void> {
    await this.keep(capabilitiesKey(identity), known);
  }

  keepNames(names: KeptNames): void {
    void this.keep('outlets', names);
  }

  keepSessions(identity: string, sessions: readonly OpenSession[]): void {
    put(this.open, identity, sessions);
    void this.keep('sessions', Object.fromEntries(this.open));
  }

  /** Resolves once it is kept, or could not be. */
  async keepProfiles(identity: string, ids: readonly number[]): Promise<void> {
    put(this.profiles, identity, ids);
    await this.keep('profiles', Object.fromEntries(this.profiles));
  }

  private async keep(key: string, value: unknown): Promise<void> {
    try {
      await this.box.state.set(key, value);
    } catch (error) {
      this.box.log.warn('what is known of charge points could not be kept', { key, error: describeError(error) });
    }
  }
}

function put<T>(map: Map<string, readonly T[]>, identity: string, list: readonly T[]): void {
  map.delete(identity);
  if (list.length > 0) map.set(identity, list);
  const [oldest] = map.keys();
  if (map.size > MOST && oldest !== undefined) map.delete(oldest);
}

import {
  profilePath,
  type Disposable,
  type ProfileDefinition,
  type ProfileRecord,
  type ProfileSource,
} from '@smx-edge/model';
import { canonicalJson } from '../canonical-json.js';
import type { ProfileAppend, ProfileQuery } from '../database/profile-table.js';
import { Listeners } from '../live/listeners.js';
import type { ThreadLink } from './thread-link.js';

/** The load profiles of the store. Rows are committed at once, chained, signed, and never change. */
export class ProfileShelf implements ProfileSource {
  private readonly appended = new Listeners<undefined>();
  private readonly defined = new Listeners<ProfileDefinition>();
  private readonly definitions: Map<string, ProfileDefinition>;

  constructor(
    private readonly link: ThreadLink,
    known: readonly ProfileDefinition[],
  ) {
    this.definitions = new Map(known.map((profile) => [profilePath(profile), profile]));
  }

  /** In order of path. */
  list(): ProfileDefinition[] {
    return [...this.definitions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, profile]) => profile);
  }

  find(profile: Pick<ProfileDefinition, 'device' | 'id'>): ProfileDefinition | undefined {
    return this.definitions.get(profilePath(profile));
  }

  /**
   * Makes a load profile known. Rejects with SMX_PROFILE_INVALID, SMX_PROFILE_CHANGED where rows are kept under another
   * definition, SMX_PROFILE_FULL, SMX_STORE_FAILED.
   */
  async put(profile: ProfileDefinition): Promise<void> {
    const kept = await this.link.ask('putProfile', profile);
    const before = this.definitions.get(profilePath(kept));
    this.definitions.set(profilePath(kept), kept);
    if (before === undefined || canonicalJson(before) !== canonicalJson(kept)) this.defined.call(kept);
  }

  onDefined(listener: (profile: ProfileDefinition) => void): Disposable {
    return this.defined.add(listener);
  }

  /** End of the kept row that ends last, ms UTC. */
  last({ device, id }: Pick<ProfileDefinition, 'device' | 'id'>): Promise<number | undefined> {
    return this.link.ask('profileLast', { device, id });
  }

  /**
   * Keeps rows for good and gives how many were new; durable when resolved. A row that is kept already is left as it is.
   * Rejects with SMX_PROFILE_INVALID and SMX_STORE_FAILED, with nothing kept, and with SMX_PROFILE_CONFLICT where rows
   * that are kept came with other content: these stay as they were, the others are kept.
   */
  async append(append: ProfileAppend): Promise<number> {
    try {
      return await this.link.ask('appendProfile', append);
    } finally {
      // also where some of the rows were refused others may be kept
      this.appended.call(undefined);
    }
  }

  /** Called when rows may have come in. */
  onAppend(listener: () => void): Disposable {
    return this.appended.add(listener);
  }

  /** Rows with `from` < end <= `to` (ms UTC) in order of end, at most 1000 a call: go on with `from` = the last end. */
  rows(query: ProfileQuery): Promise<ProfileRecord[]> {
    return this.link.ask('profileRows', query);
  }

  /** Rows of all profiles in commit order, with ids above `after`, at most 1000 a call. */
  commits(query: { readonly after: number; readonly limit?: number }): Promise<ProfileRecord[]> {
    return this.link.ask('profileCommits', query);
  }
}

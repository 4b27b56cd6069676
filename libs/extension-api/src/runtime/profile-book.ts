import { checkedProfile, profilePath, SmxError, type ProfileDefinition, type ProfileRow } from '@smx-edge/model';

interface Kept {
  definition: ProfileDefinition;
  readonly rows: Map<number, ProfileRow>;
}

/** Load profiles in memory, as a box keeps them but for disk, chain and signature: for tests of extensions. */
export class ProfileBook {
  private readonly profiles = new Map<string, Kept>();

  /** Rows of a profile by its path `device/id`, in order of end. */
  rows(path: string): ProfileRow[] {
    return [...(this.profiles.get(path)?.rows.values() ?? [])].sort((a, b) => a[0] - b[0]);
  }

  definitions(): ProfileDefinition[] {
    return [...this.profiles.values()].map(({ definition }) => definition);
  }

  async put(given: ProfileDefinition): Promise<void> {
    const definition = checkedProfile(given);
    const kept = this.profiles.get(profilePath(definition));
    if (kept === undefined) this.profiles.set(profilePath(definition), { definition, rows: new Map() });
    else if (kept.rows.size === 0) kept.definition = definition;
    else if (JSON.stringify(kept.definition) !== JSON.stringify(definition))
      throw new SmxError(
        'SMX_PROFILE_CHANGED',
        `${profilePath(definition)} has rows under other columns or another period`,
      );
  }

  async last(profile: Pick<ProfileDefinition, 'device' | 'id'>): Promise<number | undefined> {
    return this.rows(profilePath(profile)).at(-1)?.[0];
  }

  async append(append: {
    readonly device: string;
    readonly id: string;
    readonly rows: readonly ProfileRow[];
  }): Promise<number> {
    const path = profilePath(append);
    const kept = this.profiles.get(path);
    if (kept === undefined) throw new SmxError('SMX_PROFILE_INVALID', `there is no load profile ${path}`);
    const before = kept.rows.size;
    let conflicts = 0;
    for (const row of append.rows) {
      const twin = kept.rows.get(row[0]);
      if (twin === undefined) kept.rows.set(row[0], row);
      else if (JSON.stringify(twin) !== JSON.stringify(row)) conflicts++;
    }
    if (conflicts > 0)
      throw new SmxError(
        'SMX_PROFILE_CONFLICT',
        `${conflicts} rows of ${path} are kept with other content, which stays`,
      );
    return kept.rows.size - before;
  }
}

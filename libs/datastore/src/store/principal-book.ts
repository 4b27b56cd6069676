import type { PrincipalRecord } from '@smx-edge/model';
import type { ThreadLink } from './thread-link.js';

/** Who may ask, in memory as on disk. */
export class PrincipalBook {
  private readonly records: Map<string, PrincipalRecord>;

  constructor(
    private readonly link: ThreadLink,
    known: readonly PrincipalRecord[],
  ) {
    this.records = new Map(known.map((record) => [record.name, record]));
  }

  all(): readonly PrincipalRecord[] {
    return [...this.records.values()];
  }

  async put(record: PrincipalRecord): Promise<void> {
    await this.link.ask('putPrincipal', record);
    this.records.set(record.name, record);
  }

  async remove(name: string): Promise<void> {
    await this.link.ask('removePrincipal', name);
    this.records.delete(name);
  }
}

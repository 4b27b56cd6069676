import type {
  CommandChange,
  CommandQuery,
  CommandRow,
  CommandShelf,
  HeldValue,
  ListedCommandRow,
} from '@smx-edge/model';
import type { ThreadLink } from './thread-link.js';

/** Commands in the store's thread; each write is a commit of its own or of its turn. */
export class StoredCommands implements CommandShelf {
  constructor(private readonly link: ThreadLink) {}

  claimCommand(row: CommandRow, held?: HeldValue): Promise<CommandRow | undefined> {
    return this.link.ask('claimCommand', { row, held });
  }

  async putCommands(change: CommandChange): Promise<void> {
    await this.link.ask('putCommands', change);
  }

  findCommand(principal: string, id: string): Promise<CommandRow | undefined> {
    return this.link.ask('findCommand', { principal, id });
  }

  commands(query: CommandQuery): Promise<ListedCommandRow[]> {
    return this.link.ask('commands', query);
  }

  openCommands(): Promise<{ rows: CommandRow[]; held: HeldValue[] }> {
    return this.link.ask('openCommands', undefined);
  }
}

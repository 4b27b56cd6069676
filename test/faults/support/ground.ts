import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeeperOracle } from './keeper-oracle.js';

/** A folder with the data of one store, its undo log and the links to its files, and who knows what must be there. */
export class Ground {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'smx-fault-')));
  readonly dir = join(this.root, 'data');
  readonly undo = { log: join(this.root, 'log'), keep: join(this.root, 'keep') };
  readonly oracle = new KeeperOracle();
  /** The minute that comes next. */
  next = 0;

  /** Before each life of the writer. */
  prepare(): void {
    for (const path of Object.values(this.undo)) rmSync(path, { recursive: true, force: true });
    mkdirSync(this.undo.keep);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

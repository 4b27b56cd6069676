import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the core of a data folder answers, for the commands of the same box. */
export class RunFile {
  private readonly file: string;

  constructor(dataFolder: string) {
    mkdirSync(join(dataFolder, 'run'), { recursive: true, mode: 0o700 });
    this.file = join(dataFolder, 'run/core.json');
  }

  write(state: { pid: number; http: string; broker: { host: string; port: number } | null }): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }

  close(): void {
    rmSync(this.file, { force: true });
  }
}

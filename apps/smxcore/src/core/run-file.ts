import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './whole-file.js';

/** Where the core of a data folder answers, for the commands of the same box. */
export class RunFile {
  private readonly file: string;

  constructor(dataFolder: string) {
    mkdirSync(join(dataFolder, 'run'), { recursive: true, mode: 0o700 });
    this.file = join(dataFolder, 'run/core.json');
  }

  write(state: { pid: number; http: string; broker: { host: string; port: number } | null }): void {
    writeWhole(this.file, JSON.stringify(state));
  }

  close(): void {
    rmSync(this.file, { force: true });
  }
}

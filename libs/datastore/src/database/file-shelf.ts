import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Files of events in a folder of their own, named by numbers alone: `files/12-0` is the first of event 12. */
export class FileShelf {
  private readonly folder: string;

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, 'files');
  }

  /** Durable when it returns, under its final name or not at all. */
  write(event: number, place: number, bytes: Uint8Array): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const path = this.path(event, place);
    const file = openSync(`${path}.new`, 'w', 0o600);
    try {
      // a write may take less than it was given
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
  }

  /** Makes the names durable, once per event. */
  sync(): void {
    const folder = openSync(this.folder, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  read(event: number, place: number): Buffer {
    return readFileSync(this.path(event, place));
  }

  remove(event: number, place: number): void {
    rmSync(this.path(event, place), { force: true });
  }

  /** Takes away what a crash left without an event; keeps it in `files.ASIDE` where the events may only be unreadable. */
  sweep(isKept: (name: string) => boolean, aside?: string): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.folder)) {
      if (isKept(name)) continue;
      if (aside === undefined) rmSync(join(this.folder, name), { force: true });
      else {
        mkdirSync(`${this.folder}.${aside}`, { recursive: true, mode: 0o700 });
        renameSync(join(this.folder, name), join(`${this.folder}.${aside}`, name));
      }
    }
  }

  private path(event: number, place: number): string {
    return join(this.folder, `${event}-${place}`);
  }
}

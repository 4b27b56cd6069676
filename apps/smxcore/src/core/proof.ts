import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Proof } from '../http/doors.js';
import { writeWhole } from './whole-file.js';

/** Principal of whoever can read the data folder. */
export const LOCAL = 'local';

/** A secret file in the data folder (0600), new at each start: who owns the folder needs no token. */
export class LocalProof implements Proof {
  private readonly secret = Buffer.from(`smxl_${randomBytes(32).toString('base64url')}`);
  private readonly file: string;

  constructor(dataFolder: string) {
    this.file = join(dataFolder, 'secret');
    this.write();
  }

  /** Writes it; once more where the disk took nothing at the start. */
  write(): void {
    writeWhole(this.file, `${this.secret.toString()}\n`);
  }

  principalOf(token: string): string | undefined {
    const given = Buffer.from(token);
    return given.length === this.secret.length && timingSafeEqual(given, this.secret) ? LOCAL : undefined;
  }

  close(): void {
    rmSync(this.file, { force: true });
  }
}

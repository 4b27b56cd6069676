import { randomInt, timingSafeEqual } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SmxError, type Disposable, type Log, type PrincipalRecord } from '@smx-edge/model';
import type { Gate, LoginGuard, NewUser, Principals } from '@smx-edge/access';
import type { SetupDesk } from '../http/doors.js';
import { writeWhole } from './whole-file.js';

/** Without letters and digits that look alike; 20 of them are 98 bits. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const FORM = /^[A-HJ-NP-Z2-9]{5}(-[A-HJ-NP-Z2-9]{5}){3}$/;

export interface SetupOptions {
  readonly dataFolder: string;
  readonly principals: Principals;
  readonly logins: LoginGuard;
  readonly gate: Gate;
  readonly log: Log;
}

/** The one-time code in `setup` of the data folder (0600), there as long as no user exists: it makes the first owner. */
export class SetupCode implements SetupDesk {
  private readonly file: string;
  private readonly watching: Disposable;
  private code: string | undefined;
  private isBusy = false;

  constructor(private readonly options: SetupOptions) {
    this.file = join(options.dataFolder, 'setup');
    this.refresh();
    this.watching = options.principals.onChange(() => this.refresh());
  }

  get isNeeded(): boolean {
    return this.code !== undefined;
  }

  async makeOwner({ code, name, password }: Omit<NewUser, 'role'> & { code: string }): Promise<PrincipalRecord> {
    const { logins, gate, principals } = this.options;
    logins.count('setup code');
    if (!this.is(code) || this.isBusy) {
      gate.deny('unknown', 'set-up with a wrong code');
      throw new SmxError('SMX_ACCESS_SETUP', 'the set-up code is wrong or used; `setup` in the data folder has it');
    }
    this.isBusy = true;
    try {
      return await principals.createUser({ name, role: 'owner', password });
    } finally {
      this.isBusy = false;
    }
  }

  close(): void {
    this.watching.dispose();
  }

  private is(given: string): boolean {
    const own = Buffer.from(this.code ?? '');
    const other = Buffer.from(given.trim().toUpperCase());
    return this.code !== undefined && own.length === other.length && timingSafeEqual(own, other);
  }

  private refresh(): void {
    const isSetUp = this.options.principals.list().some(({ kind }) => kind === 'user');
    if (isSetUp) {
      this.code = undefined;
      rmSync(this.file, { force: true });
    } else if (this.code === undefined) {
      this.code = this.kept() ?? newCode();
      writeWhole(this.file, `${this.code}\n`);
      this.options.log.info('there is no user yet; the set-up code makes the owner', { file: this.file });
    }
  }

  /** The code of an earlier start that nobody has used yet. */
  private kept(): string | undefined {
    try {
      const text = readFileSync(this.file, 'utf8').trim();
      return FORM.test(text) ? text : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

function newCode(): string {
  const letters = Array.from({ length: 20 }, () => LETTERS[randomInt(LETTERS.length)]!).join('');
  return letters.replaceAll(/(.{5})(?=.)/g, '$1-');
}

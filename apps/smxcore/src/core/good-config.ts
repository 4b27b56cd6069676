import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '@smx-edge/model';
import type { Config } from '../config/index.js';
import { writeWhole } from './whole-file.js';

type Written = Pick<Config, 'data' | 'file' | 'roles'>;

/** Where the config stands as it last was without a fault. */
export const goodConfigFile = (data: string): string => join(data, 'config.good.yaml');
const goodRolesFile = (data: string): string => join(data, 'roles.good.yaml');

/** Keeps copies of config and roles, which have no fault: to compare with, and to go back to. A disk that takes none keeps no box from its work. */
export function keepGoodConfig({ data, file, roles }: Written, log: Log): void {
  try {
    keep(file, goodConfigFile(data));
    if (roles === undefined) rmSync(goodRolesFile(data), { force: true });
    else keep(roles, goodRolesFile(data));
  } catch (error) {
    log.warn('no copy of the config was kept', { error: error instanceof Error ? error.message : String(error) });
  }
}

function keep(file: string, copy: string): void {
  const text = readFileSync(file, 'utf8');
  // the disk of a box that restarts often has not to take it each time
  if (!existsSync(copy) || readFileSync(copy, 'utf8') !== text) writeWhole(copy, text);
}

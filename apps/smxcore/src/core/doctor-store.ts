import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/index.js';
import type { Finding } from './finding.js';

const ASIDE = /^(store|history)\.db\.(damaged|epoch)-\d+(-\d+)?$|^journal\/aside-|^device\.key\.damaged-/;

/** What the files of the store say of it, without opening one. */
export function storeFindings({ data, history }: Config, running: boolean): Finding[] {
  if (!existsSync(join(data, 'store.db'))) return [];
  const names = readdirSync(data);
  const journal = existsSync(join(data, 'journal')) ? readdirSync(join(data, 'journal')) : [];
  const found: Finding[] = [];
  for (const name of [...names, ...journal.map((own) => `journal/${own}`)].filter((own) => ASIDE.test(own)))
    found.push({
      what: 'store',
      state: 'wrong',
      text: `${name} was set aside: damaged, or of another epoch`,
      help: name.includes('.db.damaged')
        ? 'while the core runs, what is sound comes back from it by itself; check the card'
        : 'the events SMX_STORE_DAMAGED and SMX_STORE_GAP say what is missing; restore a backup, check the card, then remove it',
    });
  for (const name of names.filter((own) => own.startsWith('before-restore-')))
    found.push({
      what: 'restored',
      state: 'note',
      text: `${name} is what a restore replaced`,
      help: 'remove it once all is well',
    });
  const size = ['store.db', 'history.db', 'history.db-wal', 'store.db-wal']
    .map((name) => join(data, name))
    .reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0);
  const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
  const reserve = names.includes('ballast') ? statSync(join(data, 'ballast')).size : undefined;
  if (reserve === 0)
    found.push({
      what: 'reserve',
      state: 'wrong',
      text: 'the reserve of 16 MiB for a full disk is given up',
      help: 'free at least 64 MiB beside the store; then it is laid in again',
    });
  if (running && reserve === undefined)
    found.push({
      what: 'reserve',
      state: 'note',
      text: 'the reserve of 16 MiB for a full disk is not laid in',
      help: 'leave at least 64 MiB free beside the store',
    });
  if (found.every(({ state }) => state !== 'wrong'))
    found.push({ what: 'store', state: 'ok', text: `${mib(size)} MiB of ${mib(history.budget)} MiB budget` });
  return found;
}

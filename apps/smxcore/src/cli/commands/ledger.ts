import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import type { LedgerEntry } from '@smx-edge/model';
import { SmxError, describeError } from '@smx-edge/model';
import { verifyLedgerExport } from '@smx-edge/datastore';
import type { LedgerVerdictAnswer } from '../../http/answers.js';
import { ask, askJson } from '../client.js';
import { text, type CommandRun, type Invocation } from '../command.js';
import { atDesk } from '../desk.js';
import { complain, print } from '../out.js';

const USAGE = 'smx ledger verify [FILE] | export [--party NAME]';

/** `smx ledger verify [FILE] | export [--party NAME]` */
export const ledger: CommandRun = async (invocation) => {
  const [verb, file] = invocation.args;
  if (verb === 'verify') return verify(invocation, file);
  if (verb === 'export' && file === undefined) return exportAll(invocation);
  complain(`smx: usage: ${USAGE}`);
  return 2;
};

async function verify(invocation: Invocation, file: string | undefined): Promise<number> {
  const verdict =
    file === undefined
      ? await atDesk<LedgerVerdictAnswer>(invocation, {
          online: (target) => askJson(target, '/api/v1/ledger/verify'),
          offline: ({ ledger: desk }) => desk.verify(),
        })
      : verifyLedgerExport(await linesOf(file));
  const { ok, entries, firstBad } = verdict;
  if (invocation.values['json'] === true) print(JSON.stringify(verdict));
  else if (ok) print(`the ledger is whole: ${entries} entries`);
  else print(`the ledger is not whole: ${entries} entries verify, entry ${firstBad ?? 0} does not`);
  return ok ? 0 : 1;
}

async function linesOf(file: string): Promise<string[]> {
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) lines.push(line);
  } catch (error) {
    throw new SmxError('SMX_CONFIG_UNREADABLE', `${file} cannot be read (${describeError(error)})`, { cause: error });
  }
  return lines;
}

async function exportAll(invocation: Invocation): Promise<number> {
  const party = text(invocation, 'party');
  // the chain holds only as a whole: a party's part is for reading, not for verifying
  const isMeant = (line: string): boolean =>
    party === undefined || (JSON.parse(line) as LedgerEntry).principal === party;
  await atDesk(invocation, {
    online: async (target) => {
      const response = await ask(target, '/api/v1/ledger', { accept: 'application/x-ndjson' });
      for await (const line of createInterface({ input: response, crlfDelay: Infinity }))
        if (line !== '' && isMeant(line)) await put(line);
    },
    offline: async ({ ledger: desk }) => {
      for await (const entry of desk.entries()) {
        const line = JSON.stringify(entry);
        if (isMeant(line)) await put(line);
      }
    },
  });
  return 0;
}

/** Waits for a reader that is slower than the ledger. */
async function put(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

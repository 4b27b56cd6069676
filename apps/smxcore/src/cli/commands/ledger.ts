import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import type { LedgerEntry } from '@smx-edge/model';
import { SmxError, describeError } from '@smx-edge/model';
import { verifyExport } from '@smx-edge/datastore';
import type { LedgerVerdictAnswer } from '../../http/answers.js';
import { ask, askJson } from '../client.js';
import { text, type CommandRun, type Invocation } from '../command.js';
import { atDesk } from '../desk.js';
import { print } from '../out.js';
import { UsageError } from '../usage-error.js';

/** `smx ledger verify [--export FILE [--key NAME]] | export [--party NAME]` */
export const ledger: CommandRun = async (invocation) => {
  const [verb, file = text(invocation, 'export')] = invocation.args;
  if (verb === 'verify') return verify(invocation, file);
  if (verb === 'export' && file === undefined) return exportAll(invocation);
  throw new UsageError(`the ledger is not to "${invocation.args.join(' ')}"`);
};

async function verify(invocation: Invocation, file: string | undefined): Promise<number> {
  const key = text(invocation, 'key');
  const verdict =
    file === undefined
      ? await atDesk<LedgerVerdictAnswer>(invocation, {
          online: (target) => askJson(target, '/api/v1/ledger/verify'),
          offline: ({ ledger: desk }) => desk.verify(),
        })
      : await verifyExport(linesOf(file), key === undefined ? undefined : new Set(key.split(',')));
  const { ok, entries, rows, profiles, keys, faults } = verdict;
  if (invocation.values['json'] === true) print(JSON.stringify(verdict));
  else if (ok)
    print(
      `the ledger is whole: ${entries} entries, ${rows} rows of ${profiles} load profiles, signed by ${keys.join(', ')}`,
    );
  else {
    print(`the ledger is not whole: ${entries} entries and ${rows} rows of load profiles verify`);
    for (const fault of faults) print(`  ${fault}`);
  }
  return ok ? 0 : 1;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  } catch (error) {
    throw new SmxError('SMX_CONFIG_UNREADABLE', `${file} cannot be read (${describeError(error)})`, { cause: error });
  }
}

async function exportAll(invocation: Invocation): Promise<number> {
  const party = text(invocation, 'party');
  // the chain holds only as a whole: a party's part is for reading, not for verifying
  const isMeant = (line: string): boolean =>
    party === undefined || (JSON.parse(line) as LedgerEntry).principal === party;
  await atDesk(invocation, {
    online: async (target) => {
      const path = party === undefined ? '/api/v1/ledger/export' : '/api/v1/ledger';
      const response = await ask(target, path, { accept: 'application/x-ndjson' });
      for await (const line of createInterface({ input: response, crlfDelay: Infinity }))
        if (line !== '' && isMeant(line)) await put(line);
    },
    offline: async ({ ledger: desk }) => {
      for await (const entry of party === undefined ? desk.lines() : desk.entries()) {
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

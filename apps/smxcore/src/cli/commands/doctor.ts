import { ERROR_CODES, isSmxError, type ErrorCode } from '@smx-edge/model';
import { examine } from '../../core/doctor.js';
import type { Finding } from '../../core/finding.js';
import type { InstanceAnswer, LinkAnswer } from '../../http/answers.js';
import type { HealthAnswer } from '../../http/doors.js';
import type { CommandRun, Invocation } from '../command.js';
import { askJson } from '../client.js';
import { print } from '../out.js';
import { configFile, targetOf } from '../target.js';

const HELP = 'run this as the owner of the data folder, or give a token of a role that manages it';

const MARKS = { ok: 'ok   ', note: 'note ', wrong: 'WRONG' } as const;

/** What the running core says of itself, as far as it may be asked; undefined where none answers. */
async function askCore(invocation: Invocation): Promise<Finding[] | undefined> {
  try {
    const target = targetOf(invocation);
    const ask = <T>(what: string): Promise<T> => askJson<T>(target, `/api/v1/${what}`);
    return [
      ...(await granted('health', async () => partFindings(await ask<HealthAnswer>('health')))),
      ...(await granted('extensions', async () => (await ask<InstanceAnswer[]>('extensions')).map(instanceFinding))),
      ...(await granted('links', async () => (await ask<LinkAnswer[]>('links')).map(linkFinding))),
    ];
  } catch (error) {
    if (!isSmxError(error)) throw error;
    if (error.code === 'SMX_HTTP_UNREACHABLE' || error.code === 'SMX_CONFIG_INVALID') return undefined;
    return [{ what: 'core', state: 'wrong', text: `${error.code}: ${error.message}`, help: HELP }];
  }
}

/** What may not be asked hides nothing else. */
async function granted(what: string, findings: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await findings();
  } catch (error) {
    if (!isSmxError(error) || error.code !== 'SMX_ACCESS_DENIED') throw error;
    return [{ what, state: 'note', text: `${error.code}: ${error.message}`, help: HELP }];
  }
}

function partFindings({ parts, site, version }: HealthAnswer): Finding[] {
  const found: Finding[] = [{ what: 'core', state: 'ok', text: `runs, version ${version}, site ${site}` }];
  for (const [name, { ok, text, code }] of Object.entries(parts)) {
    // instances and links are told one by one
    if (name === 'extensions' || name === 'links') continue;
    if (ok && code === undefined) found.push({ what: name, state: 'ok', text });
    else {
      const told = code === undefined ? text : `${code}: ${text}`;
      found.push({ what: name, state: ok ? 'note' : 'wrong', text: told, help: helpOf(code) });
    }
  }
  return found;
}

const helpOf = (code: string | undefined): string =>
  code !== undefined && Object.hasOwn(ERROR_CODES, code)
    ? ERROR_CODES[code as ErrorCode].help
    : 'the log of the core has its origin';

function instanceFinding({ id, state, reason, status, lines }: InstanceAnswer): Finding {
  const what = `instance ${id}`;
  if (state !== 'running')
    return {
      what,
      state: 'wrong',
      text: `${state}: ${reason ?? ''}`,
      help: `repair it, then \`smx extensions restart ${id}\``,
    };
  // what an instance says of itself tells what to do
  if (status !== undefined && status.state !== 'ok' && status.state !== 'busy' && status.text !== undefined)
    return { what, state: status.state === 'error' ? 'wrong' : 'note', text: status.text };
  const line = lines.find((other) => other.status !== 'ok');
  if (line !== undefined)
    return {
      what,
      state: 'note',
      text: `its line is ${line.status}: ${line.text ?? line.source}`,
      help: 'check cable, address and that the device is on',
    };
  return { what, state: 'ok', text: status?.text ?? state };
}

function linkFinding(link: LinkAnswer): Finding {
  const what = `link ${link.name}`;
  const { state } = link;
  const streams = 'streams' in link ? (link.streams ?? []) : [];
  const { code, reason } = link.code === undefined ? (streams.find((stream) => stream.code !== undefined) ?? {}) : link;
  if (code === undefined) return { what, state: state === 'online' ? 'ok' : 'note', text: state };
  return {
    what,
    state: state === 'online' || 'former' in link ? 'note' : 'wrong',
    text: `${state}: ${code}: ${reason ?? ''}`,
    help: Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].help : '`smx links` tells more',
  };
}

/** `smx doctor`: what is wrong with this box and what to do; 1 where something is. */
export const doctor: CommandRun = async (invocation) => {
  const core = await askCore(invocation);
  const findings = [...(await examine(configFile(invocation), core !== undefined))];
  if (core === undefined)
    findings.push({
      what: 'core',
      state: 'note',
      text: 'no core runs on this config',
      help: 'start it with `smx run`',
    });
  else findings.push(...core);
  if (invocation.values['json'] === true) print(JSON.stringify(findings));
  else {
    const width = Math.max(...findings.map(({ what }) => what.length));
    for (const { what, state, text, help } of findings)
      print(
        `${MARKS[state]}  ${what.padEnd(width)}  ${text}${help === undefined ? '' : `\n       ${' '.repeat(width)}  → ${help}`}`,
      );
  }
  return findings.some(({ state }) => state === 'wrong') ? 1 : 0;
};

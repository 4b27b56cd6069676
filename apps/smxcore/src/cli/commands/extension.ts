import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { durationMs, SmxError } from '@smx-edge/model';
import type { Check } from '../../authoring/contract/check.js';
import { text, type CommandRun, type Invocation } from '../command.js';
import { jsonObject } from '../json-argument.js';
import { print, report } from '../out.js';
import { UsageError } from '../usage-error.js';

/** Config of a package under test where `--values` does not say. */
const TEST_CONFIG = 'test-config.json';

async function make(name: string, invocation: Invocation): Promise<number> {
  const { scaffold } = await import('../../authoring/scaffold.js');
  const { folder, files } = scaffold(name, text(invocation, 'dir') ?? '.');
  if (invocation.values['json'] === true) {
    print(JSON.stringify({ folder, files }));
    return 0;
  }
  const here = relative('.', folder) || '.';
  print(`${here} holds the extension "${name}":\n${files.map((file) => `  ${file}`).join('\n')}\n`);
  print(
    `next\n  cd ${here}\n  npm test\n  npx smx run --config smx.yaml\n  npx smx watch "${name}/#" --config smx.yaml    (in another terminal)\n  npx smx extension test .`,
  );
  return 0;
}

function valuesFor(folder: string, given: string | undefined): Record<string, unknown> {
  if (given !== undefined) return jsonObject('--values', given);
  try {
    return jsonObject(TEST_CONFIG, readFileSync(join(folder, TEST_CONFIG), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

async function suite(dir: string, invocation: Invocation): Promise<number> {
  const { contractSuite, packageAt } = await import('../../authoring/contract/suite.js');
  const folder = resolve(dir);
  const json = invocation.values['json'] === true;
  const checks: Check[] = [];
  const watch = durationMs(text(invocation, 'watch') ?? '3s');
  let title: string;
  let config: Record<string, unknown>;
  try {
    const { use, version } = packageAt(folder);
    title = `${use} ${version}`;
    config = valuesFor(folder, text(invocation, 'values'));
  } catch (error) {
    if (!(error instanceof SmxError)) throw error;
    report(error, json);
    return 2;
  }
  if (!json) print(`contract suite: ${title}\n`);
  for await (const check of contractSuite({ folder, config, watch })) {
    checks.push(check);
    if (!json) print(`  ${check.ok ? 'ok  ' : 'FAIL'}  ${check.name.padEnd(18)}  ${check.text}`);
  }
  const bad = checks.filter(({ ok }) => !ok).length;
  if (json) print(JSON.stringify(checks));
  else
    print(
      `\n${bad === 0 ? `all ${checks.length} hold` : `${bad} of ${checks.length} do not hold; faults beside it are tried once these are repaired`}`,
    );
  return bad === 0 ? 0 : 1;
}

/** `smx extension new NAME | test DIR | link DIR` */
export const extension: CommandRun = async (invocation) => {
  const [verb, what] = invocation.args;
  if (what !== undefined) {
    if (verb === 'new') return make(what, invocation);
    if (verb === 'test') return suite(what, invocation);
    if (verb === 'link') {
      const { linkPlatform } = await import('../../authoring/scaffold.js');
      linkPlatform(resolve(what));
      return 0;
    }
  }
  throw new UsageError(`an extension is not to "${invocation.args.join(' ')}"`);
};

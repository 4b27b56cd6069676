import { join } from 'node:path';
import type { ProfileRow } from '@smx-edge/model';
import { Box, stop } from './smxcore-support.js';

/** Its call `append` gives rows to the core and tells what the core answered. */
const PACKAGES = join(__dirname, '../../libs/extension-host/test-fixtures');
const QUARTER = 900_000;

it('a core killed between append and answer loses no acknowledged row and has none twice', async () => {
  const extra = `packages: ${PACKAGES}\nextensions: { m: { use: profiles, allow: { publish: ["#"] } } }\n`;
  const box = new Box(extra);
  const owner = (JSON.parse((await box.smx(['token', 'create', '--role', 'owner', '--json'])).out) as { token: string })
    .token;
  const headers = { authorization: `Bearer ${owner}`, 'content-type': 'application/json' };
  const append = async (url: string, rows: readonly ProfileRow[]): Promise<boolean> => {
    const body = JSON.stringify({ rows });
    const answer = await fetch(`${url}/api/v1/extensions/m/calls/append`, { method: 'POST', headers, body });
    return answer.ok && 'value' in ((await answer.json()) as object);
  };
  const rowAt = (n: number): ProfileRow => [n * QUARTER, 0, `${n}.0`];
  try {
    let acknowledged = 0;
    for (let round = 1; round <= 3; round++) {
      const { core, url } = await box.core();
      const killed = core.ended();
      for (let n = acknowledged + 1; core.child.signalCode === null; n++) {
        // the connector was not answered: it gives the same rows again, and the next one
        const asked = append(url, [rowAt(Math.max(1, n - 1)), rowAt(n)]);
        if (n > round * 4) core.child.kill('SIGKILL');
        if (await asked.catch(() => false)) acknowledged = n;
        else n--;
      }
      await killed;
    }
    const { core, url } = await box.core();
    const answer = await fetch(`${url}/api/v1/profiles/pcc/P.01`, { headers });
    const { rows } = (await answer.json()) as { rows: ProfileRow[] };
    expect(acknowledged).toBeGreaterThan(5);
    expect(rows.length).toBeGreaterThanOrEqual(acknowledged);
    expect(rows.length).toBeLessThanOrEqual(acknowledged + 1);
    expect(rows).toEqual(Array.from({ length: rows.length }, (_, i) => rowAt(i + 1)));
    expect((await box.smx(['ledger', 'verify'])).out).toMatch(/whole: .* signed by [0-9a-f]{16}/);
    await stop(core);
  } finally {
    await box.remove();
  }
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { S1Counts } from '@smx-edge/protocols/s1';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import type { Bench } from './row.js';
import { BenchCore } from './support/core.js';
import { childOf, processMemory } from './support/process-memory.js';
import { cpuSeconds } from './support/process-time.js';

/** ms in which the reader must be up, settles, and is measured. */
const START = 120_000;
const SETTLE = 15_000;
const LONG = process.env['SMX_BENCH_LONG'] === '1';
const MEASURE = LONG ? 3_600_000 : 60_000;
/** ms of it with recognition of appliances. */
const KNOWN = 60_000;
/** Frames that may be under way between the simulator and the reader when both are asked: half a second of them. */
const UNDER_WAY = 1300;

async function call<T>(core: BenchCore, name: string, args: object = {}): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${core.http}/api/v1/extensions/s1/calls/${name}`, {
    ...{ method: 'POST', body: JSON.stringify(args) },
    headers: { authorization: `Bearer ${core.token}`, 'content-type': 'application/json' },
  });
  if (!answer.ok) throw new Error(`the reader of the S1 port does not answer: ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function counts(core: BenchCore): Promise<S1Counts> {
  const found = await call<S1Counts>(core, 'counters');
  if (found.frames === 0) throw new Error('the reader of the S1 port gets no frames');
  return found;
}

/** Frames that the simulated meter has made, and those of them that it could not send. */
function made(site: Site): { made: number; loss: number } {
  return (control(site, JSON.stringify({ do: 'tell', meter: 's1', since: Date.now() })) as { truth: { frames: { made: number; loss: number } } }).truth.frames; // prettier-ignore
}

/** Share of a core that a process takes over so many ms, and the most private memory it has meanwhile, MB. */
async function load(pid: number, span: number): Promise<{ share: number; most: number }> {
  const [before, began] = [cpuSeconds(pid), performance.now()];
  let most = 0;
  while (performance.now() - began < span) {
    await pause(Math.min(10_000, span / 6));
    most = Math.max(most, processMemory(pid).own);
  }
  return { share: (cpuSeconds(pid) - before) / ((performance.now() - began) / 1000), most };
}

export const bench: Bench = {
  name: 's1-reader',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'smx-bench-s1-'));
    const pty = join(folder, 'tty');
    const site = await startSite(parseSiteConfig({ meters: [{ protocol: 's1', port: 0, pty }] }));
    const core = await BenchCore.prepare({
      extensions: { s1: { use: 's1-reader', config: { source: `serial:${pty}`, invert: false } } },
      calls: ['s1/counters', 's1/loads-consent', 's1/appliances'],
    });
    try {
      core.start();
      const started = performance.now();
      const isUp = (): Promise<boolean> => counts(core).then(() => true, () => false); // prettier-ignore
      while (!(await isUp()) && performance.now() - started < START) await pause(1000);
      await pause(SETTLE);
      const reader = childOf(core.pid, 'smx: s1');
      if (reader === undefined) throw new Error('the reader of the S1 port did not come up');
      const [first, sent] = [await counts(core), made(site)];
      const { share, most } = await load(reader, MEASURE);
      const [last, end] = [await counts(core), made(site)];
      const given = end.made - sent.made - (last.frames - first.frames);
      const missing = Math.max(last.missing - first.missing, Math.abs(given) > UNDER_WAY ? Math.abs(given) : 0);
      await call(core, 'loads-consent', { consent: 'given' });
      const known = await load(reader, KNOWN);
      const { wait } = await call<{ wait: string | null }>(core, 'appliances');
      if (wait !== null) throw new Error(`no appliances were looked for: ${wait}`);
      const row = { limit: null, better: 'less' } as const;
      const time = LONG ? 'an hour' : 'a minute';
      return [
        { name: 's1-reader: 2,600 samples a second from a pty, of a core', figure: share * 100, unit: '%', target: 6, ...row }, // prettier-ignore
        { name: `s1-reader: most private memory in ${time}`, figure: most, unit: 'MB', target: 25, ...row },
        { name: 's1-reader: with appliances recognised, of a core', figure: known.share * 100, unit: '%', target: 6, ...row }, // prettier-ignore
        { name: 's1-reader: with appliances recognised, most private memory', figure: known.most, unit: 'MB', target: 25, ...row }, // prettier-ignore
        { name: `s1-reader: frames in ${time}`, figure: last.frames - first.frames, unit: '', target: MEASURE * 2.59, limit: null, better: 'more' }, // prettier-ignore
        { name: `s1-reader: of these, lost`, figure: missing, unit: '', target: 0, ...row },
        { name: 's1-reader: bytes that were in no frame', figure: last.skippedBytes - first.skippedBytes, unit: '', target: 0, ...row }, // prettier-ignore
      ];
    } finally {
      await core.dispose();
      await site.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

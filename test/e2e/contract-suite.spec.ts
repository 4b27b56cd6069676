import { join } from 'node:path';
import { startP1Site, type P1Site } from '@smx-edge/site-simulator';
import { Running } from './smxcore-support.js';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly text: string;
}

interface Verdict {
  readonly status: number | null;
  readonly bad: readonly Check[];
}

const ROOT = join(__dirname, '../..');
const FAULTY = join(ROOT, 'test/fixtures/contract/faulty');
/** Suites at once; each mostly waits. */
const AT_ONCE = 3;

async function suite(folder: string, values: object, watch = '2s'): Promise<Verdict> {
  const args = ['extension', 'test', folder, '--watch', watch, '--values', JSON.stringify(values), '--json'];
  const { status, out, err } = await Running.start(args).ended();
  if (out === '') throw new Error(err);
  return { status, bad: (JSON.parse(out) as Check[]).filter(({ ok }) => !ok) };
}

describe('the contract suite fails a package that', () => {
  const cases = [
    ['throws at start', 'start', 'start', /no such device/],
    ['does not stop', 'stop', 'stop', /onStop/],
    ['throws in a callback', 'callback', 'exceptions', /no answer/],
    ['throws in a timer', 'timer', 'start', /a timer threw/],
    ['emits an error that nobody listens to', 'emitter', 'start', /nobody listens/],
    ['leaks', 'leak', 'start', /memory limit/],
    ['spins', 'spin', 'stop', /keep no loop running/],
    ['floods', 'flood', 'rate', /more than its limits/],
    ['writes what it did not declare or may not', 'undeclared', 'writes', /no-such-value|not-allowed/],
    ['tells a secret', 'secret', 'secrets', /\*\*\*/],
  ] as const;
  const verdicts = new Map<string, Verdict>();

  beforeAll(async () => {
    const left = cases.map(([, fault]) => fault as string);
    const work = async (): Promise<void> => {
      for (let fault = left.shift(); fault !== undefined; fault = left.shift())
        // a heap grows to its limit as fast as the machine is
        verdicts.set(fault, await suite(FAULTY, { fault, password: 'hunter22' }, fault === 'leak' ? '15s' : '2s'));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }, 240_000);

  it.each(cases)('%s', (_what, fault, check, text) => {
    const { status, bad } = verdicts.get(fault)!;
    expect([status, bad.map(({ name }) => name)]).toEqual([1, expect.arrayContaining([check])]);
    expect(bad.find(({ name }) => name === check)?.text).toMatch(text);
    expect(JSON.stringify(bad)).not.toContain('hunter22');
  });
});

describe('the contract suite passes', () => {
  let site: P1Site;
  beforeAll(async () => {
    site = await startP1Site({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => site.stop());

  it('the extensions of the house', async () => {
    const source = `tcp://127.0.0.1:${site.address.port}`;
    const verdicts = await Promise.all([
      suite(join(ROOT, 'extensions/virtual-device'), {}),
      suite(join(ROOT, 'extensions/p1-reader'), { source }),
    ]);
    expect(verdicts).toEqual([
      { status: 0, bad: [] },
      { status: 0, bad: [] },
    ]);
  }, 240_000);
});

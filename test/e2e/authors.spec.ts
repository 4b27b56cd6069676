import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Box, Running, until, type Outcome } from './smxcore-support.js';

interface Check {
  readonly name: string;
  readonly part: string;
  readonly ok: boolean;
  readonly text: string;
}

const ROOT = join(__dirname, '../..');
const smx = (...args: string[]): Promise<Outcome> => Running.start(args).ended();
const suite = async (...args: string[]): Promise<{ status: number | null; checks: Check[]; bad: string[] }> => {
  const { status, out, err } = await smx('extension', 'test', ...args, '--json');
  if (out === '') throw new Error(err);
  const checks = JSON.parse(out) as Check[];
  return { status, checks, bad: checks.filter(({ ok }) => !ok).map(({ name }) => name) };
};

describe('an author', () => {
  let folder: string;
  let made: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smx-author-'));
    made = join(folder, 'shed');
    expect(await smx('extension', 'new', 'shed', '--dir', folder)).toMatchObject({ status: 0 });
    // what `npm test` of the package does
    for (const args of [['node_modules/typescript/bin/tsc'], ['--test', 'dist/index.test.js']]) {
      const { status, stdout } = spawnSync(process.execPath, args, { cwd: made, encoding: 'utf8' });
      expect([status, stdout]).toEqual([0, expect.any(String)]);
    }
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('gets a package whose scripts are those', () => {
    const { scripts } = JSON.parse(readFileSync(join(made, 'package.json'), 'utf8'));
    expect(scripts).toEqual({
      build: 'node node_modules/typescript/bin/tsc',
      test: 'npm run --silent build && node --test dist/index.test.js',
    });
    expect(existsSync(join(made, '.gitignore'))).toBe(true);
    // `npx smx` is the command of the platform there too
    const { status, stdout } = spawnSync('npx', ['smx', 'extension', 'link', '.', '--help'], {
      cwd: made,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining('smx extension')]);
  });

  test('is not given a folder that holds something, nor a name that is none', async () => {
    expect(await smx('extension', 'new', 'shed', '--dir', folder)).toMatchObject({ status: 2 });
    expect(await smx('extension', 'new', '../shed', '--dir', folder)).toMatchObject({ status: 2 });
    expect(existsSync(join(folder, '../shed'))).toBe(false);
  });

  test('sees own points in a core on the package, and calls it', async () => {
    const box = new Box(
      '',
      readFileSync(join(made, 'smx.yaml'), 'utf8')
        .replace('port: 8081', 'port: 0')
        .replace('packages: .', `packages: ${made}`),
    );
    try {
      await box.core();
      const value = await until(async () => {
        const { status, out } = await box.smx(['read', 'shed/temperature', '--json']);
        return status === 0 && (JSON.parse(out) as { value: number | null }[])[0]?.value;
      });
      expect(value).toBeGreaterThan(14);
      const [instance] = JSON.parse((await box.smx(['extensions', '--json'])).out);
      expect(instance).toMatchObject({ id: 'shed', origin: 'installed', state: 'running', calls: ['now'] });
    } finally {
      await box.remove();
    }
  }, 60_000);

  test('passes the contract suite with it', async () => {
    const { status, checks, bad } = await suite(made, '--watch', '1500ms');
    expect([status, bad]).toEqual([0, []]);
    expect(checks.filter(({ part }) => part === 'host').map(({ name }) => name)).toEqual(
      ['callback', 'timer', 'emitter', 'leak', 'spin', 'flood', 'undeclared', 'secret'].map((name) => `fault: ${name}`),
    );
  }, 120_000);

  test('is told what the package itself does wrong', async () => {
    const main = join(made, 'dist/index.js');
    const good = readFileSync(main, 'utf8');
    const schema = join(made, 'config.schema.json');
    const closed = readFileSync(schema, 'utf8');
    const open = JSON.parse(closed);
    delete open.additionalProperties;
    open.properties.password = { type: 'string', format: 'secret' };
    writeFileSync(schema, JSON.stringify(open));
    const faults = `
      device.set({ humidity: 1 });
      device.point('extra').set(1);
      console.log('logging in with ' + smx.config.password);
      smx.every('100ms', () => { throw new Error('no answer'); });
      smx.onStop(() => new Promise(() => {}));`;
    writeFileSync(main, good.replace("smx.status('ok'", `${faults}\n smx.status('ok'`));
    const { status, checks, bad } = await suite(made, '--watch', '1500ms', '--values', '{"password":"hunter22"}');
    writeFileSync(main, good);
    writeFileSync(schema, closed);
    expect(status).toBe(1);
    expect(bad).toEqual(expect.arrayContaining(['config', 'exceptions', 'writes', 'secrets', 'stop']));
    expect(JSON.stringify(checks)).not.toContain('hunter22');
    expect(checks.find(({ name }) => name === 'exceptions')?.text).toContain('no answer');
  }, 180_000);

  test('is told at once where the folder, the build or the config is missing', async () => {
    expect(await smx('extension', 'test', join(ROOT, 'docs'))).toMatchObject({ status: 2 });
    const { status, bad } = await suite(made, '--values', '{"interval":"often"}');
    expect([status, bad]).toEqual([1, ['package']]);
    expect(await smx('extension', 'test', made, '--values', 'often')).toMatchObject({ status: 2 });
  });
});

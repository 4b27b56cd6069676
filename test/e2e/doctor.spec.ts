import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { Box, until } from './smxcore-support.js';

interface Finding {
  readonly what: string;
  readonly state: string;
  readonly text: string;
  readonly help?: string;
}

const findings = async (box: Box): Promise<{ status: number | null; found: Map<string, Finding> }> => {
  const { status, out, err } = await box.smx(['doctor', '--json']);
  if (out === '') throw new Error(err);
  return { status, found: new Map((JSON.parse(out) as Finding[]).map((finding) => [finding.what, finding])) };
};

describe('smx doctor', () => {
  let box: Box;
  afterEach(() => box.remove());

  it('finds nothing wrong with a box that is well, also while its core runs', async () => {
    box = new Box('extensions:\n  virtual: { use: virtual-device, config: {} }\n');
    const before = await findings(box);
    expect([before.status, before.found.get('core')?.state]).toEqual([0, 'note']);
    await box.core();
    await until(async () => (await box.smx(['extensions'])).out.includes('running'));
    const { status, found } = await findings(box);
    expect([...found.values()].filter(({ state }) => state === 'wrong')).toEqual([]);
    expect([status, found.get('core')?.state, found.get('instance virtual')?.state]).toEqual([0, 'ok', 'ok']);
  }, 60_000);

  it('takes an instance that does not reach its device for wrong, in the words of the instance', async () => {
    box = new Box('extensions:\n  sun: { use: sunspec, config: { source: "modbus://127.0.0.1:1" } }\n');
    await box.core();
    await until(async () => (await findings(box)).found.get('instance sun')?.state === 'wrong');
    const { status, found } = await findings(box);
    expect([status, found.get('instance sun')?.text]).toEqual([1, expect.stringContaining('127.0.0.1:1')]);
  }, 60_000);

  it('tells what it may see where a token may not see all', async () => {
    box = new Box('roles: ./roles.yaml\nextensions:\n  virtual: { use: virtual-device, config: {} }\n');
    writeFileSync(join(box.folder, 'roles.yaml'), 'roles:\n  part: { grants: [{ manage: [health, extensions] }] }\n');
    await box.core();
    await until(async () => (await box.smx(['extensions'])).out.includes('running'));
    const { token } = JSON.parse((await box.smx(['token', 'create', '--role', 'part', '--json'])).out) as {
      token: string;
    };
    const { out } = await box.smx(['doctor', '--json', '--token', token]);
    const states = new Map((JSON.parse(out) as Finding[]).map(({ what, state }) => [what, state]));
    expect([states.get('core'), states.get('instance virtual'), states.get('links')]).toEqual(['ok', 'ok', 'note']);
  }, 60_000);

  it('tells each fault with what to do, and exits 1', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    box = new Box(
      'extensions:\n  p1: { use: p1-reader, config: { source: "serial:/dev/no-such-port" } }\n  x: { use: p1-raeder }\n',
      `site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: { port: ${taken} }\n`,
    );
    mkdirSync(join(box.folder, 'var'));
    for (const name of ['store.db', 'history.db.damaged-1', 'before-restore-2'])
      writeFileSync(join(box.folder, 'var', name), '');
    chmodSync(join(box.folder, 'var'), 0o755);
    const { status, found } = await findings(box);
    server.close();
    expect(status).toBe(1);
    for (const [what, text] of [
      ['config', 'p1-raeder'],
      ['data', 'open to others'],
      ['store', 'history.db.damaged-1 was set aside'],
      ['serial p1', '/dev/no-such-port is not there'],
      ['port of broker', 'taken'],
    ] as const)
      expect(found.get(what)).toMatchObject({
        state: 'wrong',
        text: expect.stringContaining(text),
        help: expect.stringMatching(/\w/),
      });
  });

  it('tells an instance that has failed', async () => {
    box = new Box('extensions:\n  x: { use: p1-raeder }\n');
    await box.core();
    const { status, found } = await findings(box);
    expect([status, found.get('instance x')]).toEqual([
      1,
      expect.objectContaining({ state: 'wrong', text: expect.stringContaining('p1-raeder') }),
    ]);
  });
});

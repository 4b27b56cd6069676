import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { P1Decoder } from '@smx-edge/protocols/p1';

const SMX = resolve(__dirname, '../../bin/smx.js');

describe('smx sim', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smx-sim-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('runs the site of a file, is steered on its input and ends with 0 on a signal', async () => {
    const file = join(folder, 'sim.json');
    writeFileSync(file, JSON.stringify({ speed: 20, rate: 20, ev: false, meters: [{ name: 'se', port: 0, version: 'dsmr-5.0.2' }] })); // prettier-ignore
    const child = spawn(process.execPath, [SMX, 'sim', '--config', file], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const answer = async (): Promise<Record<string, unknown>> => JSON.parse(String((await lines.next()).value));
    try {
      const { port } = (await answer())['se'] as { port: number };
      child.stdin.write('{"fault":"crc","telegrams":2}\n{"set":{"battery":1500}}\n{"set":{"ev":10}}\n');
      expect(await answer()).toEqual({ ok: true });
      expect(await answer()).toEqual({ set: { battery: 1500 } });
      expect(await answer()).toMatchObject({ error: { code: 'SMX_SIMULATOR_SETPOINT' } });
      let good = 0;
      const decoder = new P1Decoder({ onTelegram: ({ verdict }) => void (good += verdict === 'ok' ? 1 : 0) });
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {}).on('data', (bytes: Buffer) => decoder.push(bytes));
      for (let i = 0; i < 1000 && good < 5; i++) await new Promise((done) => setTimeout(done, 10));
      socket.destroy();
      expect(good).toBeGreaterThanOrEqual(5);
    } finally {
      child.kill('SIGTERM');
    }
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  });
});

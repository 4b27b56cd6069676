import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

const MAIN = resolve(__dirname, '../../dist/child.bundle.js');

it('stays until the host, which was busy and then spoke first, has taken its last words', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smx-words-'));
  const main = join(folder, 'main.js');
  writeFileSync(main, `setTimeout(() => { throw new Error('the cable is out'); }, 1);`);
  const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const left = once(child, 'exit') as Promise<[number]>;
  const socket = child.stdio[3] as Duplex;
  const errors: Error[] = [];
  socket.on('error', (error) => errors.push(error));
  try {
    socket.write(`${JSON.stringify(['start', { instance: 'x', main }])}\n`);
    await once(socket, 'readable');
    // time enough for one that would not wait
    await Promise.race([left, pause(300)]);
    socket.write(`${JSON.stringify(['ping', 1])}\n`);
    await pause(0);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += String(chunk)));
    expect((await left)[0]).toBe(70);
    expect(text).toContain('the cable is out');
    expect(errors).toEqual([]);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});

import { openModbus } from '@smx-edge/extension-api/modbus';
import { openMqtt } from '@smx-edge/extension-api/mqtt';
import { listenLines, openLine } from '@smx-edge/extension-api/transports';
import { Runtime, wireError } from '@smx-edge/extension-api/runtime';
import type { WireStart } from '@smx-edge/extension-api/wire';
import { systemClock } from '@smx-edge/model';
import { HostChannel } from './host-channel.js';
import { loadExtension } from './load-extension.js';

/** Main of an instance's process: takes `start` from fd 3, runs one extension, ends when told or when the host is gone. */
const LAST_WORDS_MS = 2000;
const FATAL_STATUS = 70;
/** Longest an orderly end may take: when told by a host that answers, and when the host is gone and answers nothing. */
const STOP_MS = 9000;
const ORPHAN_MS = 2000;

let runtime: Runtime | undefined;
let stopping = false;

const channel = new HostChannel(() => {
  void runtime?.orphaned();
  void end(ORPHAN_MS);
});

function leave(status: number): void {
  // one whose last words nobody takes must end all the same
  setTimeout(() => process.exit(status), LAST_WORDS_MS).unref();
  channel.end(() => process.exit(status));
}

async function end(patience = STOP_MS): Promise<void> {
  stopping = true;
  // an instance that waits for a host that is gone would hold its line for ever
  setTimeout(() => process.exit(0), patience);
  await runtime?.stop();
  leave(0);
}

process.on('uncaughtException', (error, origin) => {
  // what an orderly end makes fail is no news
  if (stopping) return;
  stopping = true;
  const { code, message } = wireError(error, 'SMX_EXTENSION_DIED');
  const place = error instanceof Error ? (error.stack?.split('\n')[1]?.trim() ?? '') : '';
  channel.send(['fatal', origin, { code, message: `${message} ${place}`.trim() }]);
  leave(FATAL_STATUS);
});
process.on('SIGTERM', () => void end());
// an interrupt at the terminal reaches the whole group: the host decides
process.on('SIGINT', () => {});

async function run(start: WireStart): Promise<void> {
  process.title = `smx: ${start.instance}`;
  try {
    const extension = await loadExtension(start.main);
    runtime = new Runtime({
      extension,
      start,
      channel,
      clock: systemClock,
      lines: { openLine, listenLines, openModbus, openMqtt },
    });
  } catch (error) {
    channel.send(['failed', wireError(error)]);
    return;
  }
  await runtime.run();
}

channel.onStop(() => void end());
channel.onMessage((message) => {
  if (message[0] === 'start') void run(message[1]);
  else if (message[0] === 'ping') channel.send(['pong', message[1]]);
});

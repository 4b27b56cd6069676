import { replay, wireError } from '@smx-edge/extension-api/runtime';
import { readCapture } from '@smx-edge/extension-api/transports';
import type { DiscoverStep } from '@smx-edge/extension-api';
import type { WireStart } from '@smx-edge/extension-api/wire';
import { HostChannel } from '../child/host-channel.js';
import { loadExtension } from '../child/load-extension.js';
import type { ReplayedSample, ReplaySummary } from './messages.js';

/** Main of a replay's process: takes `start` with a capture from fd 3, runs one extension on it, and tells what it set. */
const LAST_WORDS_MS = 500;
/** Samples of one message. */
const MOST = 500;

const channel = new HostChannel(() => process.exit(0));

async function run(start: WireStart): Promise<ReplaySummary> {
  const extension = await loadExtension(start.main);
  const capture = readCapture(Buffer.from(start.capture ?? '', 'latin1'));
  let samples = 0;
  const { seen } = await replay(extension, {
    // the config was checked against the extension's schema before it came here
    config: start.config as never,
    capture,
    timezone: start.timezone,
    onRest: ({ batches }, now) => {
      const set: ReplayedSample[] = [];
      for (const batch of batches.splice(0))
        for (const { path, value, t, quality, reason } of batch)
          set.push(reason === undefined ? [path, value, t ?? now, quality] : [path, value, t ?? now, quality, reason]);
      samples += set.length;
      for (let at = 0; at < set.length; at += MOST)
        // a step is any record on the wire
        channel.send(['step', 0, { samples: set.slice(at, at + MOST) } as DiscoverStep]);
    },
  });
  const exceptions = seen.exceptions.filter(({ text }) => text !== '');
  const { records, bad } = capture;
  return { samples, records: records.length, bad, refused: [...seen.refused], exceptions };
}

channel.onStop(() => {
  setTimeout(() => process.exit(0), LAST_WORDS_MS).unref();
  channel.end(() => process.exit(0));
});
channel.onMessage((message) => {
  if (message[0] === 'ping') channel.send(['pong', message[1]]);
  if (message[0] === 'start')
    run(message[1]).then(
      (summary) => channel.send(['result', 0, summary]),
      (error: unknown) => channel.send(['error', 0, wireError(error)]),
    );
});

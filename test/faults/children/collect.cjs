// Loaded before a core whose memory is watched: SIGUSR2 has all of its threads collect their garbage and close the gaps.
'use strict';
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const { isMainThread, BroadcastChannel } = require('node:worker_threads');

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const collect = () => {
  setFlagsFromString('--compact-on-every-full-gc');
  // the first may end a collection that had begun, which keeps what died since then
  gc();
  gc();
  setFlagsFromString('--no-compact-on-every-full-gc');
};
const channel = new BroadcastChannel('collect');
channel.unref();
channel.onmessage = () => collect();
if (isMainThread)
  process.on('SIGUSR2', () => {
    channel.postMessage('now');
    collect();
  });

// Loaded before a core whose memory is watched: SIGUSR2 has all of its threads collect their garbage.
'use strict';
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const { isMainThread, BroadcastChannel } = require('node:worker_threads');

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
// the last resort gives empty pages back
const collect = () => gc({ type: 'major', flavor: 'last-resort' });
const channel = new BroadcastChannel('collect');
channel.unref();
channel.onmessage = () => collect();
if (isMainThread)
  process.on('SIGUSR2', () => {
    channel.postMessage('now');
    collect();
  });

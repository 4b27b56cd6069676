// Loaded before a core under libfaketime: its extensions, which get a small environment, live on the same clock.
'use strict';
const { ChildProcess } = require('node:child_process');

const OWN = /^(LD_PRELOAD|NO_FAKE_STAT|FAKETIME\w*)$/;
const { spawn } = ChildProcess.prototype;

ChildProcess.prototype.spawn = function (options) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => OWN.test(name)));
  // a clock that runs faster would begin anew with each process
  const pace = /x[\d.]+$/.exec(env.FAKETIME ?? '');
  if (pace !== null) env.FAKETIME = `@${new Date().toLocaleString('sv-SE')} ${pace[0]}`;
  options.envPairs.push(...Object.entries(env).map(([name, value]) => `${name}=${value}`));
  return spawn.call(this, options);
};

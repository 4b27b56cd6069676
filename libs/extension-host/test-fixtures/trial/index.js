'use strict';
module.exports = {
  start() {},
  async test(config, tools) {
    if (config.mode === 'spin') for (;;);
    if (config.mode === 'throw') throw new RangeError('not what it claims to be');
    if (config.mode === 'network') tools.open('serial:/dev/ttyX');
    return { ok: config.mode === 'ok', text: `tried at ${typeof tools.now()}` };
  },
  async *discover(source) {
    yield { progress: 0.5, text: `looking at ${source}` };
    yield { progress: 1, found: { title: 'a meter', config: { source } } };
  },
};

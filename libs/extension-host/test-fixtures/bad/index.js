'use strict';
// Badly behaved on demand: each mode is one way to hurt a host.
const { EventEmitter } = require('node:events');
const fs = require('node:fs');

const raw = (message) => fs.writeSync(3, `${JSON.stringify(message)}\n`);

/** Holds this thread, and with it every callback, without burning the processor. */
const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);

const modes = {
  fine() {},
  'throw-start'() {
    throw new RangeError('no such meter');
  },
  'config-error'() {
    throw Object.assign(new Error('wrong key'), { name: 'SmxError', code: 'SMX_CONFIG_INVALID' });
  },
  'throw-timer'(smx) {
    smx.every('20ms', () => {
      throw new TypeError('broken beat');
    });
  },
  uncaught() {
    setTimeout(() => {
      throw new TypeError('nobody catches this');
    }, 50);
  },
  reject() {
    void Promise.reject(new TypeError('nobody awaits this'));
  },
  'error-event'() {
    setTimeout(() => new EventEmitter().emit('error', new TypeError('no listener')), 50);
  },
  exit() {
    setTimeout(() => process.exit(3), 50);
  },
  spin() {
    setTimeout(() => {
      for (;;);
    }, 50);
  },
  heap() {
    const kept = [];
    setInterval(() => {
      for (let i = 0; i < 20000; i++) kept.push({ i, text: `${i}` });
    }, 5);
  },
  buffers() {
    const kept = [];
    setInterval(() => kept.push(Buffer.alloc(2 << 20, 1)), 10);
  },
  burst(_smx, device) {
    const kept = [];
    setTimeout(() => {
      let refused = 'nothing';
      try {
        // in one go, and left untouched: who looks at what is used sees nothing
        while (kept.length < 64) kept.push(Buffer.allocUnsafeSlow(16 << 20));
      } catch (error) {
        refused = error.message;
      }
      device.event('got', { data: { mebibytes: 16 * kept.length, refused } });
    }, 500);
  },
  flood(smx, device) {
    const point = device.point('power/flood');
    setInterval(() => {
      for (let i = 0; i < 2000; i++) {
        point.set(i);
        device.set({ 'power/active': i });
      }
    }, 1);
  },
  'raw-flood'(smx, device) {
    device.point('power/flood');
    const line = `${JSON.stringify(['log', 'debug', 'x'.repeat(100), null])}\n`.repeat(100);
    setInterval(() => {
      try {
        for (;;) fs.writeSync(3, line);
      } catch {
        // the pipe is full: again at once
      }
    }, 1);
  },
  undeclared(smx, device) {
    device.set({ 'power/never': 1, 'power/active': 2 });
    device.point('serial', { type: 'string' }).set('outside publish');
  },
  alien() {
    raw(['s', null, [1, 99, 2, 99, 3, 99, 4, 99, 5, 99]]);
  },
  garbage() {
    fs.writeSync(3, '{"not":"ours"}\n');
  },
  'not-json'() {
    fs.writeSync(3, 'hello\n');
  },
  huge() {
    // in one go, so that no message of the runtime ends the line
    setTimeout(() => {
      for (let text = 'x'.repeat(2 << 20); text !== '';)
        try {
          text = text.slice(fs.writeSync(3, text));
        } catch {
          pause(); // the pipe is full
        }
    }, 100);
  },
  outside(smx, device) {
    const tries = {};
    const attempt = (name, fn) => {
      try {
        fn();
        tries[name] = 'allowed';
      } catch (error) {
        tries[name] = error.code;
      }
    };
    attempt('read', () => fs.readFileSync('/etc/passwd'));
    attempt('write', () => fs.writeFileSync('/tmp/smx-test-should-not-be', ''));
    attempt('spawn', () => require('node:child_process').spawnSync('true'));
    attempt('worker', () => new (require('node:worker_threads').Worker)('', { eval: true }));
    attempt('own', () => fs.readFileSync(`${__dirname}/package.json`));
    tries.secret = process.env.SMX_TEST_SECRET ?? 'absent';
    tries.options = process.env.NODE_OPTIONS ?? 'absent';
    device.event('tried', { data: tries });
  },
  'many-points'(smx, device) {
    for (let i = 0; i < 20; i++) device.point(`power/p${i}`).set(i);
  },
  'big-state'(smx) {
    return smx.state.set('big', 'x'.repeat(2000)).catch((error) => smx.status('warning', error.code));
  },
  'ask-flood'() {
    // asks what costs the box most, as fast as it can, and never reads an answer
    let id = 0;
    const next = () =>
      `${JSON.stringify(['points', ++id, '#'])}\n${JSON.stringify(['state-get', ++id, 'k'])}\n${JSON.stringify(['subscribe', ++id, '#'])}\n${JSON.stringify(['unsubscribe', id])}\n`;
    setTimeout(() => {
      for (let text = next(); ;) {
        try {
          text = text.slice(fs.writeSync(3, text));
          if (text === '') text = next();
        } catch {
          pause(); // the pipe is full
        }
      }
    }, 50);
  },
  unread() {
    const big = 'x'.repeat(200_000);
    const write = (text) => {
      while (text !== '')
        try {
          text = text.slice(fs.writeSync(3, text));
        } catch {
          pause(); // the pipe is full
        }
    };
    setTimeout(() => {
      write(`${JSON.stringify(['state-set', 1, 'k', big])}\n`);
      for (let id = 2; ; id++) write(`${JSON.stringify(['state-get', id, 'k'])}\n`);
    }, 50);
  },
  'device-flood'(smx) {
    let n = 0;
    setInterval(() => {
      for (let i = 0; i < 20; i++) smx.device(`d${n++}`);
    }, 10);
  },
  'name-flood'(smx) {
    let n = 0;
    setInterval(() => {
      for (let i = 0; i < 20; i++) {
        const device = smx.device(`d${n++}`);
        device.point('power/active').set(1);
        device.remove();
      }
    }, 10);
  },
  async 'long-words'(smx, device) {
    const long = 'x'.repeat(2 << 20);
    device.update({ manufacturer: long, serial: 12 });
    device.online(true, long);
    smx.status('ok', long, NaN);
    smx.log.info(long, { long, big: 1n });
    device.point('power/active', { maxAge: 0 }).set(null, { reason: long });
    device.point('power/text', { type: 'string' }).set(long);
    device.setpoint('power/limit', { unit: 'W', min: -Infinity, max: 10 }, () => ({ outcome: 'ignored' }));
    const told = [];
    const tell = (error) => told.push(error.code);
    await device.event('long', { text: long, t: NaN }).catch(tell);
    await smx.state.set('long', long).catch(tell);
    for await (const rows of smx.history({ match: '#', from: -Infinity, to: Infinity })) void rows;
    device.point('power/told', { type: 'string' }).set(told.join());
  },
  chatter() {
    setInterval(() => {
      for (let i = 0; i < 1000; i++) console.log(`chatter ${i}`);
    }, 5);
  },
};

module.exports = {
  calls: {
    big: { args: { type: 'object' }, run: () => 'x'.repeat(2 << 20) },
    strange: { args: { type: 'object' }, run: () => 1n },
    schemaless: { args: 7, run: () => 1 },
  },
  async start(smx) {
    const { mode, device: name = 'bad' } = smx.config;
    if (mode === 'throw-start' || mode === 'config-error') return modes[mode]();
    const device = smx.device(name);
    const power = device.point('power/active', { unit: 'W' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    power.set(1);
    return modes[mode](smx, device);
  },
};

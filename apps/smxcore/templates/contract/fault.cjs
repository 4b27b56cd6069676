'use strict';
// Put in front of a package by `smx extension test`: does one wrong thing beside it, to see what the host does about it.
const { EventEmitter } = require('node:events');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const main = join(__dirname, require('./contract-main.json').main);
const SOON = 300;
const held = [];
/** Ends the process, and is done once only: whether the package comes back by itself is what is looked at. */
const DEADLY = ['timer', 'emitter', 'leak', 'spin'];
const DONE = 'contract-done';

async function definition() {
  let found;
  try {
    found = require(main);
  } catch (error) {
    if (!/^ERR_REQUIRE_(ESM|ASYNC_MODULE)$/.test(error.code)) throw error;
    found = await import(pathToFileURL(main).href);
  }
  while (found !== undefined && typeof found.start !== 'function') found = found.default;
  return found;
}

const faults = {
  callback(smx) {
    smx.every('50ms', () => {
      throw new Error('contract: a callback threw');
    });
  },
  timer() {
    setTimeout(() => {
      throw new Error('contract: a timer threw');
    }, SOON);
  },
  emitter() {
    setTimeout(() => new EventEmitter().emit('error', new Error('contract: nobody listens')), SOON);
  },
  leak() {
    setTimeout(() => setInterval(() => held.push(new Array(200_000).fill(held.length)), 5), SOON);
  },
  spin() {
    setTimeout(() => {
      for (;;);
    }, SOON);
  },
  flood(_smx, device) {
    setInterval(() => {
      for (let i = 0; i < 5000; i++) device.set({ 'contract-value': i }, { t: Date.now() + i });
    }, 20);
  },
  undeclared(_smx, device) {
    device.set({ 'contract-never': 1 });
    device.point('contract-outside').set(1);
  },
  secret(smx, _device, secret) {
    console.log('printed %s', secret);
    smx.log.warn(`logged ${secret}`, { nested: { secret } });
    smx.status('ok', `told ${secret}`);
  },
};

module.exports = {
  async start(smx) {
    const { 'contract-fault': fault, 'contract-secret': secret, ...config } = smx.config;
    smx.config = config;
    const inner = await definition();
    const device = smx.device('contract-fault');
    device.point('contract-value', { maxAge: 0 }).set(1);
    const isOver = DEADLY.includes(fault) && (await smx.state.get(DONE)) === true;
    if (!isOver) {
      if (DEADLY.includes(fault)) await smx.state.set(DONE, true);
      faults[fault](smx, device, secret);
    }
    return inner.start(smx);
  },
};

'use strict';
// Well-behaved: one device, values, a set-point, state that outlives the process, a call, an event.
const { defineExtension, applied, clamped, refused } = require('@smx-edge/extension-api');

/** A point that comes and goes. */
let guest;

module.exports = defineExtension({
  async start(smx) {
    const meter = smx.device(smx.config.device, { kind: 'meter', manufacturer: 'ISK', serial: '123' });
    meter.point('power/active', { unit: 'W', obis: '1-0:16.7.0' });
    meter.point('message', { type: 'string', maxAge: 0 });
    meter.point('runs', { kind: 'counter', maxAge: 0 });
    let limit = 5000;
    meter.setpoint(
      'power/limit',
      { unit: 'W', min: 0, max: 5000, default: 5000, verify: 'power/active' },
      ({ value }) => {
        if (value === 13) return refused('DEVICE_SAYS_NO', 'unlucky');
        limit = Math.min(value, 4000);
        meter.set({ 'power/active': limit });
        return value > 4000 ? clamped(limit) : applied(limit);
      },
      () => {
        limit = 5000;
        meter.set({ 'power/active': limit });
      },
    );
    const runs = ((await smx.state.get('runs')) ?? 0) + 1;
    await smx.state.set('runs', runs);
    meter.set({ 'power/active': -1234.5, message: 'hello', runs }, { t: smx.now() - 1000 });
    await meter.event('started', { severity: 'info', text: `run ${runs} with ${smx.config.password}` });
    smx.log.info(`connecting with ${smx.config.password}`, { nested: { password: smx.config.password } });
    console.log('printed %s', smx.config.password);
    smx.status('ok', `logged in as ${smx.config.password}`);
    if (smx.config.slowStop) smx.onStop(() => new Promise(() => {}));
  },
  calls: {
    echo: {
      args: {
        type: 'object',
        properties: { text: { type: 'string' } },
        required: ['text'],
        additionalProperties: false,
      },
      detail: 'text',
      plain: ['hi'],
      run: ({ text }, smx) => ({ text, instance: smx.instance }),
    },
    guest: {
      args: { type: 'object', properties: { stays: { type: 'boolean' } }, additionalProperties: false },
      personal: true,
      run: ({ stays }, smx) => {
        if (!stays) return guest.remove();
        guest = smx.device(smx.config.device).point('guest', { maxAge: 0 });
        guest.set(1);
      },
    },
  },
});

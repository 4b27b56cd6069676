import { SmxError } from '@smx-edge/model';
import { settingsOf, type S1Config } from './settings.js';

const errorOf = (config: Partial<S1Config>): unknown => {
  try {
    settingsOf({ source: 'tcp://192.0.2.7:2001', ...config });
    return undefined;
  } catch (error) {
    return error instanceof SmxError ? [error.code, error.message] : error;
  }
};

it.each<[string, Partial<S1Config>, string]>([
  ['an interruption above a dip', { events: { dip: 0.1, interruption: 0.5 } }, 'events.interruption'],
  ['an interruption above the usual dip', { events: { dip: 0.1, interruption: 0.1 } }, 'events.interruption'],
  ['a dip below the usual interruption', { events: { dip: 0.04 } }, 'events.interruption'],
  ['the direction of a port by itself', { 'calibrate-from': 's1' }, 'calibrate-from'],
  ['the same by another name', { device: 'port', 'calibrate-from': 'port' }, 'calibrate-from'],
])('refuses %s, and says which key', (_what, config, key) => {
  expect(errorOf(config)).toEqual(['SMX_CONFIG_INVALID', expect.stringContaining(key)]);
});

it('takes what fits together', () => {
  expect(errorOf({ events: { dip: 0.2, interruption: 0.1 }, 'calibrate-from': 'pcc' })).toBeUndefined();
});

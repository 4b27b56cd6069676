'use strict';
// A meter whose memory is read on a call, and an event with what the call gives.
const { defineExtension } = require('@smx-edge/extension-api');

let device;
const columns = [{ obis: '1-0:1.8.0', unit: 'Wh' }];
const errorOf = (work) =>
  work.then(
    (value) => ({ value }),
    ({ code, message }) => ({ code, message }),
  );
const ANY = { type: 'object' };

module.exports = defineExtension({
  start(smx) {
    device = smx.device('pcc');
    device.profile('P.01', { period: '15m', columns });
  },
  calls: {
    append: {
      args: ANY,
      run: ({ id = 'P.01', rows, source, columns: other = columns }) => {
        const profile = device.profile(id, { period: '15m', columns: other });
        return errorOf(profile.append(rows, source === undefined ? {} : { source: Buffer.from(source) }));
      },
    },
    many: {
      args: ANY,
      run: ({ from, to }) => {
        const profile = device.profile('P.01', { period: '15m', columns });
        const rows = Array.from({ length: to - from }, (_, i) => [(from + i) * 900_000, 0, String(from + i)]);
        return errorOf(profile.append(rows));
      },
    },
    last: { args: ANY, run: () => errorOf(device.profile('P.01', { period: '15m', columns }).last()) },
    event: {
      args: ANY,
      run: ({ name = 'wave.bin', type = 'application/octet-stream', size }) =>
        errorOf(device.event('sag', { files: [{ name, type, bytes: new Uint8Array(size).fill(9) }] })),
    },
  },
});

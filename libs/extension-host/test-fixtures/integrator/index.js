'use strict';
// A load of 3.6 MW, so that its energy in Wh is the time in ms that its samples cover.
const { defineExtension, EnergySeries } = require('@smx-edge/extension-api');

const POWER = 3_600_000;
const PATHS = { positive: 'energy/active/import', negative: 'energy/active/export' };

module.exports = defineExtension({
  async start(smx) {
    const load = smx.device('load');
    const kept = await smx.state.get('begun');
    const series = await EnergySeries.open(smx, load, { ...PATHS, period: '10ms', gap: '1h', keep: '50ms', settle: 0 });
    const begun = kept ?? Date.now();
    series.take(POWER);
    await smx.state.set('begun', begun);
    smx.every('10ms', () => series.take(POWER));
  },
  calls: {
    // what the store holds, beside when it all began
    kept: {
      args: { type: 'object' },
      run: async (_args, smx) => ({
        begun: await smx.state.get('begun'),
        kept: await smx.state.get(`energy load/${PATHS.positive}`),
      }),
    },
  },
});

'use strict';
// Reads points through the gate: mirrors what it sees into a text and answers history by a call.
module.exports = {
  start(smx) {
    const mirror = smx.device('mirror');
    mirror.point('seen', { type: 'string', maxAge: 0 });
    const seen = {};
    smx.subscribe('#', (changes) => {
      for (const { path, value, quality } of changes) seen[path] = [value, quality];
      mirror.set({ seen: JSON.stringify(seen) });
    });
  },
  calls: {
    points: { args: {}, run: (args, smx) => smx.points('#') },
    history: {
      args: {},
      async run(args, smx) {
        const rows = [];
        for await (const chunk of smx.history(args)) rows.push([chunk.path, ...chunk.rows]);
        return rows;
      },
    },
    command: { args: {}, run: (args, smx) => smx.command('pcc/power/limit', 1, '1m') },
  },
};

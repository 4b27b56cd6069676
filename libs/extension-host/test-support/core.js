'use strict';
// A core in a process of its own, to be killed: runs one instance and prints its pid.
const { join } = require('node:path');
const { Gate } = require('@smx-edge/access');
const { LiveTable } = require('@smx-edge/datastore');
const { ExtensionHost } = require('@smx-edge/extension-host');
const { silentLog, systemClock, Zone } = require('@smx-edge/model');

const live = new LiveTable({ clock: systemClock });
const store = {
  addEvent: async (event) => ({ ...event, id: 1, files: [] }),
  stateGet: async () => undefined,
  stateSet: async () => {},
  stateSize: () => 0,
};
const history = { history: async function* () {} };
const ledger = { append() {} };
const gate = new Gate({ live, clock: systemClock, zone: new Zone('UTC'), history, ledger, log: silentLog });
const folder = join(__dirname, '../test-fixtures');
const host = new ExtensionHost({
  live,
  gate,
  store,
  clock: systemClock,
  log: silentLog,
  folders: [folder],
  firstParty: folder,
  runDir: process.argv[2],
  site: 'test',
  zone: 'UTC',
});
host.onState(({ state, pid }) => {
  if (state === 'running') console.log(pid);
});
void host.start({ meter: { use: 'good', config: {} } });

/** The floors of the house: imports run downwards only, rooms of one floor do not know each other. */
const BELOW = {
  'libs/model': [],
  'libs/protocols': ['libs/model'],
  'libs/extension-api': ['libs/protocols', 'libs/model'],
  'libs/access': ['libs/extension-api', 'libs/protocols', 'libs/model'],
  'libs/datastore': ['libs/extension-api', 'libs/protocols', 'libs/model'],
  'libs/northbound': ['libs/access', 'libs/datastore', 'libs/extension-api', 'libs/protocols', 'libs/model'],
  'libs/extension-host': ['libs/access', 'libs/datastore', 'libs/extension-api', 'libs/protocols', 'libs/model'],
  'libs/control': ['libs/access', 'libs/datastore', 'libs/extension-api', 'libs/protocols', 'libs/model'],
};

const floors = Object.entries(BELOW).map(([room, below]) => ({
  name: `floor-of-${room.split('/')[1]}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: { path: '^(libs|apps|extensions)/', pathNot: `^(${[room, ...below].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...floors,
    {
      name: 'nothing-imports-an-app',
      severity: 'error',
      from: { path: '^(libs|extensions|apps)/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$2/' },
    },
    {
      name: 'extension-knows-only-the-api',
      severity: 'error',
      from: { path: '^extensions/([^/]+)/' },
      to: { path: '^(libs|apps|extensions)/', pathNot: ['^extensions/$1/', '^libs/(extension-api|protocols|model)/'] },
    },
    {
      name: 'no-lib-imports-an-extension',
      severity: 'error',
      from: { path: '^(libs|apps)/' },
      to: { path: '^extensions/' },
    },
    {
      name: 'protocols-are-pure',
      severity: 'error',
      from: { path: '^libs/(protocols|model)/src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'extension-api-stays-small',
      severity: 'error',
      // mqtt.js is loaded by that file alone, once an instance asks for it
      from: { path: '^libs/extension-api/src/', pathNot: '^libs/extension-api/src/mqtt/session\\.ts$' },
      to: { path: 'node_modules/(@nestjs|better-sqlite3|mqtt|aedes)/' },
    },
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    // other rooms are met as built packages: seen as a target, not walked into
    doNotFollow: { path: ['node_modules', '/dist/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'require', 'node', 'default'] },
    tsConfig: { fileName: 'tsconfig.base.json' },
  },
};

/** Specs import their own room from source and every other room as built: what is tested is what runs. */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/extensions', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  testEnvironment: 'node',
  // sources name what they will be when compiled
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // aedes and its parts are ES modules, which jest cannot require on Node 20
  transform: { '\\.[jt]s$': ['@swc/jest', require('./.swcrc.js')], '\\.yaml$': '<rootDir>/scripts/jest-yaml.js' },
  transformIgnorePatterns: [
    '/node_modules/(?!(aedes|aedes-packet|aedes-persistence|mqemitter|fast-check|pure-rand)/)',
    // but for the files that load a package only once they need it: jest runs no import()
    '/dist/(?!(link/links|mqtt/broker-client)\\.js$)',
  ],
  // a module finds a name that it is given at once, one of a spec's global object slowly; not those that
  // packages give to something else
  sandboxInjectedGlobals: ['Math', 'Object', 'JSON', 'Infinity', 'BigInt', 'DataView', 'Float64Array', 'ArrayBuffer'],
  testSequencer: '<rootDir>/scripts/jest-order.js',
  // more than cores: specs of the end to end wait for four fifths of their time
  maxWorkers: 6,
  // what specs leave behind made one of gigabytes, which took most of its time to collect
  workerIdleMemoryLimit: '768MB',
  testTimeout: 180_000,
};

// What the bundles do with data in YAML, for specs that import a room from its source.
'use strict';
const yaml = require('yaml');

module.exports = {
  process: (text) => ({ code: `module.exports = ${JSON.stringify(yaml.parse(text))};` }),
};

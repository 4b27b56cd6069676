import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FIXTURES } from '../../test-support/box.js';
import { rangeAdmits } from './api-range.js';
import { besideFaults } from './beside.js';
import { checkInstance } from './check-instance.js';
import { findExtensions, type InstalledExtension } from './find.js';
import { grantPermissions } from './manifest.js';
import { schemaDetails, validator } from './schema.js';
import { absoluteSources, filesOfSources, sourceFaults } from './sources.js';
import { masker, maskValue, secretsOf } from './secrets.js';

const extensions = new Map(findExtensions([FIXTURES], FIXTURES).map((extension) => [extension.use, extension]));
const extension = (use: string): InstalledExtension => extensions.get(use)!;

describe('API ranges', () => {
  test.each([
    ['^1.0', '1.0', true],
    ['^1.0', '1.7', true],
    ['^1.2', '1.1', false],
    ['^1', '1.9', true],
    ['^1.0', '2.0', false],
    ['^0.3', '0.4', false],
    ['~1.0', '1.1', false],
    ['~1', '1.1', true],
    ['1.0', '1.0', true],
    ['1.0', '1.1', false],
    ['>=1.0', '3.0', true],
    ['*', '1.0', true],
    ['one', '1.0', undefined],
    ['^1.0 || ^2.0', '1.0', undefined],
  ])('%s admits %s: %s', (range, version, admitted) => expect(rangeAdmits(range, version)).toBe(admitted));
});

describe('finding', () => {
  test('packages with an smx section are found, also those that cannot be used, each with why', () => {
    expect([...extensions.keys()].sort()).toEqual([
      'bad',
      'broken-manifest',
      'good',
      'integrator',
      'line',
      'no-schema',
      'old-api',
      'profiles',
      'reader',
      'trial',
    ]);
    expect(extension('good')).toMatchObject({ title: 'Well-behaved', firstParty: true, problem: undefined });
    expect(extension('old-api').problem).toMatchObject({ code: 'SMX_EXTENSION_API' });
    expect(extension('no-schema').problem).toMatchObject({ code: 'SMX_EXTENSION_MANIFEST' });
    expect(extension('broken-manifest').problem).toMatchObject({
      code: 'SMX_EXTENSION_MANIFEST',
      details: expect.arrayContaining([
        { path: 'titel', expected: 'no such key; did you mean "title"?' },
        { path: 'title', expected: 'a value; this key is required' },
      ]),
    });
  });

  test('scopes, node_modules and links are looked into; the earlier folder wins; nobody escapes his package', () => {
    const dir = mkdtempSync(join(tmpdir(), 'smx-find-'));
    try {
      const make = (path: string, json: object): void => {
        mkdirSync(join(dir, path), { recursive: true });
        writeFileSync(join(dir, path, 'package.json'), JSON.stringify(json));
      };
      const smx = { api: '^1.0', title: 'x' };
      make('a/node_modules/@acme/heat', { name: '@acme/heat', smx });
      make('a/node_modules/left-pad', { name: 'left-pad' });
      make('b/heat', { name: '@acme/heat', version: '2.0.0', smx });
      make('b/away', { name: 'away', main: '../../secret.js', smx });
      make('b/read', { name: 'read', smx: { ...smx, config: '../../../etc/passwd' } });
      mkdirSync(join(dir, 'b/broken'));
      writeFileSync(join(dir, 'b/broken/package.json'), '{');
      make('elsewhere/linked', { name: 'linked', smx });
      symlinkSync(join(dir, 'elsewhere/linked'), join(dir, 'b/linked'));
      const found = findExtensions([join(dir, 'a'), join(dir, 'b'), join(dir, 'none')], join(dir, 'elsewhere'));
      expect(found.map(({ use, version, problem, firstParty }) => [use, version, problem?.code, firstParty])).toEqual([
        ['@acme/heat', '', undefined, false],
        ['away', '', 'SMX_EXTENSION_MANIFEST', false],
        ['broken', '', 'SMX_EXTENSION_MANIFEST', false],
        ['linked', '', undefined, true],
        ['read', '', 'SMX_EXTENSION_MANIFEST', false],
      ]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('checking', () => {
  test('each fault has its path and what was expected there, and the given config is not touched', () => {
    const config = { devise: 'pcc', poll: 'soon', device: 7 };
    expect(checkInstance(extension('good'), config)).toEqual([
      { path: 'config.devise', expected: 'no such key; did you mean "device"?' },
      { path: 'config.device', expected: 'a value of type string' },
      { path: 'config.poll', expected: 'a text of format duration' },
    ]);
    expect(config).toEqual({ devise: 'pcc', poll: 'soon', device: 7 });
    expect(checkInstance(extension('good'), undefined)).toEqual([]);
    expect(checkInstance(extension('good'), {}, { publish: ['a/#/b'], netwrk: true })).toEqual([
      { path: 'allow.netwrk', expected: 'no such key; did you mean "network"?' },
    ]);
    expect(checkInstance(extension('old-api'), {})).toEqual([
      { path: 'use', expected: expect.stringContaining('^2.0') },
    ]);
  });

  test('an installed package gets what the operator repeats, never more than it asks', () => {
    const asked = { publish: ['#'], read: ['+/power/#'], network: true, serial: true };
    expect(grantPermissions(asked, {})).toEqual({
      publish: [],
      read: [],
      command: [],
      files: [],
      network: false,
      serial: false,
      listen: false,
    });
    expect(grantPermissions(asked, { publish: ['#'], read: ['#'], network: true, listen: true })).toMatchObject({
      publish: ['#'],
      read: [],
      network: true,
      serial: false,
      listen: false,
    });
    expect(grantPermissions(asked, undefined)).toMatchObject({ publish: ['#'], read: ['+/power/#'], serial: true });
  });

  test('a name that does not fit is told by that name', () => {
    const validate = validator({ properties: { points: { type: 'object', propertyNames: { pattern: '^[a-z]+$' } } } });
    expect(schemaDetails(validate, { points: { fine: 1, 'Bad Path': 1 } })).toEqual([
      { path: 'points.Bad Path', expected: 'a text that matches ^[a-z]+$' },
    ]);
  });

  test('what does not fit is told in the words of the schema where it has some', () => {
    const validate = validator({
      properties: { mode: {}, name: { pattern: '^[a-z]+$', expected: 'small letters' } },
      if: { properties: { mode: { const: 'D' } }, required: ['mode'] },
      then: {
        required: ['baud'],
        expected: 'nobody reads this',
        properties: { poll: { not: {}, expected: 'none in mode D' } },
      },
    });
    expect(schemaDetails(validate, { mode: 'D', poll: {}, name: 'X' })).toEqual(
      expect.arrayContaining([
        { path: 'baud', expected: 'a value; this key is required' },
        { path: 'poll', expected: 'none in mode D' },
        { path: 'name', expected: 'small letters' },
      ]),
    );
    expect(schemaDetails(validate, { mode: 'C', poll: {}, name: 'x' })).toEqual([]);
  });

  test('devices beside the first have names and addresses of their own', () => {
    const schema = { properties: { others: { beside: { name: 'device', differ: ['address'] } } } };
    const faults = (others: unknown): unknown => besideFaults(schema, { device: 'pcc', address: '1', others });
    expect(faults({ pcc: { address: '2' }, a: { address: '1' }, b: { address: '3' }, c: { address: '3' } })).toEqual([
      { path: 'others.pcc', expected: expect.stringContaining('another name than pcc') },
      { path: 'others.a.address', expected: expect.stringContaining('that of pcc') },
      { path: 'others.c.address', expected: expect.stringContaining('that of b') },
    ]);
    expect(faults({ a: { address: '2' }, b: {}, c: {}, d: 7 })).toEqual([]);
    expect(faults([1])).toEqual([]);
    expect(besideFaults(undefined, 7)).toEqual([]);
  });
});

describe('sources', () => {
  const schema = {
    properties: {
      line: { type: 'string', format: 'source' },
      source: { type: 'string' },
      meters: { items: { $ref: '#/$defs/meter' } },
      kind: { properties: { source: { enum: ['sun', 'wind'] } } },
    },
    $defs: { meter: { properties: { source: { type: 'string', minLength: 1 } } } },
  };
  const config = {
    line: 'tpc://127.0.0.1:1',
    source: 'file:a.cap?speed=max',
    meters: [{ source: 'serial:/dev/ttyUSB0' }, { source: 'tls://h:1?ca=ca.pem' }, { source: 'tcp://h' }],
    kind: { source: 'sun' },
    note: 'file:not-one',
  };

  test('are told wrong by their place, wherever the schema or the key says that one stands', () => {
    expect(sourceFaults(schema, config)).toEqual([
      { path: 'line', expected: expect.stringContaining('did you mean "tcp"?') },
      { path: 'meters.2.source', expected: 'tcp://host:port, with a port of 1 to 65535' },
    ]);
  });

  test('are held to the kinds that their schema names', () => {
    const kinds = ['tcp', 'http'];
    const named = {
      properties: {
        line: { format: 'source', kinds },
        both: { allOf: [{ kinds }, { format: 'source', kinds: ['tcp'] }] },
      },
    };
    const faults = (line: string, both = 'tcp://h:1') => sourceFaults(named, { line, both });
    expect(faults('https://h/x')).toEqual([]);
    expect(faults('mqtt://h', 'http://h')).toEqual([
      { path: 'line', expected: 'a source of kind tcp, http; this extension does not speak mqtt' },
      { path: 'both', expected: 'a source of kind tcp; this extension does not speak http' },
    ]);
  });

  test('count from the folder of the config, and only their files are read', () => {
    const absolute = absoluteSources(schema, { config, folder: '/etc/smx' });
    expect(absolute).toEqual({
      ...config,
      source: 'file:/etc/smx/a.cap?speed=max',
      meters: [config.meters[0], { source: 'tls://h:1?ca=%2Fetc%2Fsmx%2Fca.pem' }, config.meters[2]],
    });
    expect(filesOfSources(schema, absolute)).toEqual(['/etc/smx/a.cap', '/etc/smx/ca.pem']);
  });

  test('a schema that refers to itself ends', () => {
    const loop = { anyOf: [{ $ref: '#' }, { $ref: '#/anyOf/0' }], properties: { a: { $ref: '#' } } };
    expect(sourceFaults(loop, { a: { a: { source: 'nothing' } } })).toHaveLength(1);
  });
});

describe('secrets', () => {
  const schema = {
    type: 'object',
    $defs: { key: { type: 'string', format: 'secret' } },
    properties: {
      password: { type: 'string', format: 'secret' },
      meters: { type: 'array', items: { properties: { key: { $ref: '#/$defs/key' } } } },
      auth: { oneOf: [{ properties: { pin: { type: 'number', format: 'secret' } } }, { type: 'null' }] },
    },
  };

  test('are found wherever the schema marks them', () => {
    const config = { password: 'alpha1', meters: [{ key: 'beta22' }, {}], auth: { pin: 123456 }, other: 'plain' };
    expect(secretsOf(schema, config).sort()).toEqual(['123456', 'alpha1', 'beta22']);
  });

  test('no text and no value keeps one, whatever characters it has', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!'***'.includes(secret));
        const mask = masker([secret]);
        const value = { [before]: [`${before}${secret}${after}`, { deep: secret }] };
        expect(mask(`${before}|${secret}|${after}`)).toContain('***');
        const masked = maskValue(value, mask) as Record<string, [string, { deep: string }]>;
        const [text, { deep }] = Object.values(masked)[0]!;
        expect(deep).toBe('***');
        expect(text).toContain('***');
      }),
    );
  });
});

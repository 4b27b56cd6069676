import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeIdentification } from '@smx-edge/protocols/iec62056-21';
import { familyBy, PROFILES } from './profiles.js';

const FOLDER = join(__dirname, '../../profiles');
const schema = JSON.parse(readFileSync(join(__dirname, '../../config.schema.json'), 'utf8'));

describe('meter profiles', () => {
  it('are all of the folder, and all that the schema offers', () => {
    const files = readdirSync(FOLDER).map((name) => name.replace('.yaml', ''));
    expect(Object.keys(PROFILES).sort()).toEqual(files.sort());
    expect([...schema.properties.profile.enum].sort()).toEqual(files.sort());
  });

  it.each(Object.entries(PROFILES))('%s say what a reader can do with, and where it is from', (_, profile) => {
    const { registerCommand, profileCommand, digits, form, profiles, channels, eventNames, evidence } = profile;
    for (const command of [registerCommand, profileCommand]) expect(command).toMatch(/^R[1256]$/);
    expect([10, 11, 12, 13]).toContain(digits);
    expect(['headed', 'dated']).toContain(form);
    for (const name of profiles) expect(name).toMatch(new RegExp(schema.definitions.memory.pattern));
    for (const channel of channels) expect(channel).toMatch(new RegExp(schema.definitions.channel.pattern));
    for (const [number, name] of Object.entries(eventNames))
      expect(`${number} ${name}`).toMatch(/^\d+ [a-z][a-z0-9-]+$/);
    // the acknowledgement itself takes 200 ms at 300 baud
    expect(profile.baudDelay ?? 200).toBeGreaterThanOrEqual(200);
    expect(profile.silence).toBeGreaterThanOrEqual(1500);
    expect(evidence.length).toBeGreaterThan(0);
    for (const { says, source } of evidence) expect(`${says} ${source}`.length).toBeGreaterThan(20);
  });

  it.each([
    ['/LGZ5\\2ZMG410000b.P07', 'landis-gyr-zmd'],
    ['/EMH5\\@01LZQJL0013F', 'emh'],
    ['/ELS5\\@V9.30', 'elster-a1500'],
    ['/ABB3A1350', 'elster-a1500'],
    ['/ISk5MT174-0001', 'iskraemeco-mt'],
    ['/ISK5ME162-0033', 'iskra'],
    ['/KAM MC', 'generic'],
  ])('%s is of %s', (line, family) => expect(familyBy(decodeIdentification(line)!)).toBe(family));
});

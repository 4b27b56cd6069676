import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseObis } from '@smx-edge/model';
import { PROFILES } from './profiles.js';

const FOLDER = join(__dirname, '../../profiles');
const schema = JSON.parse(readFileSync(join(__dirname, '../../config.schema.json'), 'utf8'));

describe('meter profiles', () => {
  it('are all of the folder, and all that the schema offers', () => {
    const files = readdirSync(FOLDER).map((name) => name.replace('.yaml', ''));
    expect(Object.keys(PROFILES).sort()).toEqual(files.sort());
    expect([...schema.properties.profile.enum].sort()).toEqual(files.sort());
  });

  it.each(Object.entries(PROFILES))('%s names only what there is, and says where it is from', (_, profile) => {
    const { serial, firmware, clock, profiles, eventLogs, eventNumbers, eventNames } = profile;
    const codes = [...serial, ...firmware, clock, ...profiles, ...eventLogs, ...eventNumbers];
    for (const code of [...codes, ...Object.values(profile.points)])
      expect([code, parseObis(code)]).toEqual([code, expect.anything()]);
    expect(schema.properties.transport.enum).toContain(profile.transport);
    expect(schema.properties.referencing.enum).toContain(profile.referencing);
    expect(schema.properties.auth.enum).toContain(profile.auth);
    for (const [number, name] of Object.entries(eventNames))
      expect(`${number} ${name}`).toMatch(/^\d+ [a-z][a-z0-9-]+$/);
    for (const number of profile.eventWarnings) expect(Object.keys(eventNames)).toContain(String(number));
    expect(profile.list).toBeGreaterThanOrEqual(1);
    expect(profile.window).toBeGreaterThanOrEqual(1);
    expect(profile.information).toBeLessThanOrEqual(2030);
    for (const { says, source } of profile.evidence) expect(`${says} ${source}`.length).toBeGreaterThan(20);
    expect(profile.evidence.length).toBeGreaterThan(0);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseObis } from '@smx-edge/model';
import { PROFILES, profileOf } from './profiles.js';

const FOLDER = join(__dirname, '../../profiles');
const schema = JSON.parse(readFileSync(join(__dirname, '../../config.schema.json'), 'utf8'));

describe('meter profiles', () => {
  it('are all of the folder, and all that the schema offers', () => {
    const files = readdirSync(FOLDER).map((name) => name.replace('.yaml', ''));
    expect(Object.keys(PROFILES).sort()).toEqual(files.sort());
    expect([...schema.properties.profile.enum].sort()).toEqual(files.sort());
  });

  it.each(Object.entries(PROFILES))('%s names only what there is, and says where it is from', (_, profile) => {
    const codes = [...profile.serial, ...profile.firmware, profile.clock, ...profile.profiles];
    for (const code of [...codes, ...Object.values(profile.points)])
      expect([code, parseObis(code)]).toEqual([code, expect.anything()]);
    expect(schema.properties.transport.enum).toContain(profile.transport);
    expect(schema.properties.referencing.enum).toContain(profile.referencing);
    expect(schema.properties.auth.enum).toContain(profile.auth);
    expect(profile.list).toBeGreaterThanOrEqual(1);
    expect(profile.window).toBeGreaterThanOrEqual(1);
    expect(profile.information).toBeLessThanOrEqual(2030);
    for (const { says, source } of profile.evidence) expect(`${says} ${source}`.length).toBeGreaterThan(20);
    expect(profile.evidence.length).toBeGreaterThan(0);
  });

  it('say what was meant by a name that is none', () => {
    expect(() => profileOf('landis-gyr-zmb')).toThrow(expect.objectContaining({ code: 'SMX_CONFIG_INVALID' }));
    expect(() => profileOf('landis-gyr-zmb')).toThrow(/landis-gyr-zmd/);
  });
});

import { mirrorSettingsOf } from './mirror-settings.js';

describe('the config of mirrors', () => {
  const url = 'ws://x';

  it.each(['Reset', 'RemoteStartTransaction', 'ChangeConfiguration', 'UpdateFirmware'])(
    'gives %s to the back end alone',
    (action) => {
      expect(() => mirrorSettingsOf([{ url, calls: [action] }])).toThrow(/only the back end/);
    },
  );

  it('gives profiles to one mirror at most, and reading to all', () => {
    const reads = { url, calls: ['GetConfiguration', 'TriggerMessage'] };
    expect(mirrorSettingsOf([reads, reads, { url, calls: ['SetChargingProfile'] }])).toHaveLength(3);
    const profiles = { url, calls: ['SetChargingProfile'] };
    expect(() => mirrorSettingsOf([profiles, profiles])).toThrow(/one of them/);
  });
});

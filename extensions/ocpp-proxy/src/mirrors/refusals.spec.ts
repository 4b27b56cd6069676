import { REFUSALS } from './refusals.js';

// formats that this schema compiler does not know
beforeAll(() => void jest.spyOn(console, 'warn').mockImplementation(() => {}));

it('refuses in every version with what its schemas allow', async () => {
  const { createRequire } = await import('node:module');
  const load = createRequire(__filename);
  const validators = load('ocpp-rpc/lib/standard-validators.js') as { subprotocol: string; validate(id: string, data: unknown): boolean }[]; // prettier-ignore
  let checked = 0;
  for (const [version, answers] of Object.entries(REFUSALS)) {
    const validator = validators.find(({ subprotocol }) => subprotocol === `ocpp${version}`);
    for (const [action, answer] of Object.entries(answers)) {
      expect(() =>
        validator!.validate(`urn:${action}${version === '2.1' ? 'Response' : '.conf'}`, answer),
      ).not.toThrow();
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(80);
});

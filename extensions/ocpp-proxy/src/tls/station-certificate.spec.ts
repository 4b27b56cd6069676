import { isOfStation } from './station-certificate.js';

it('holds a charge point to the name in its certificate', () => {
  const of = (subject: object): boolean => isOfStation({ subject: subject as never }, 'CP-1');
  expect([of({ CN: 'CP-1' }), of({ serialNumber: 'CP-1', CN: 'maker' }), of({ CN: ['other', 'CP-1'] })]).toEqual([
    true,
    true,
    true,
  ]);
  expect([of({ CN: 'cp-1' }), of({ O: 'CP-1' }), of({})]).toEqual([false, false, false]);
  expect(isOfStation({}, 'CP-1')).toBe(false);
});

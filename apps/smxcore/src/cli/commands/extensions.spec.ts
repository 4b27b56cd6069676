import { remarks } from './extensions.js';

test('a remark tells the reason, and never leaves out that a package is not isolated', () => {
  expect(remarks({ notices: [] })).toBe('');
  expect(remarks({ reason: 'no such meter', notices: [] })).toBe('no such meter');
  expect(remarks({ status: { state: 'ok', text: 'reads' }, notices: ['not isolated: …'] })).toBe(
    'reads; not isolated: …',
  );
});

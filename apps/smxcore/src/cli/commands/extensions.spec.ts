import type { InstanceAnswer } from '../../http/answers.js';
import { remarks } from './extensions.js';

type Line = InstanceAnswer['lines'][number];

const QUIET = { notices: [], lines: [] };
const line = (status: Line['status'], text: string): Line => ({ status, text }) as Line;

test('a remark tells the reason, and never leaves out that a package is not isolated', () => {
  expect(remarks(QUIET)).toBe('');
  expect(remarks({ ...QUIET, reason: 'no such meter' })).toBe('no such meter');
  expect(remarks({ ...QUIET, status: { state: 'ok', text: 'reads' }, notices: ['not isolated: …'] })).toBe(
    'reads; not isolated: …',
  );
});

test('a line that is not open is told, once, whatever the extension says of itself', () => {
  const lines = [line('connecting', 'tcp://a:1: connection refused'), line('ok', 'old')];
  const status = { state: 'busy' as const, text: 'waiting' };
  expect(remarks({ ...QUIET, status, lines })).toBe('waiting; tcp://a:1: connection refused');
  const own = { state: 'error' as const, text: 'tcp://a:1: connection refused' };
  expect(remarks({ ...QUIET, status: own, lines })).toBe(own.text);
});

import { parseRoles } from './parse-roles.js';
import { privacyFindings } from './privacy.js';

const findings = (...grants: Record<string, unknown>[]) =>
  privacyFindings(parseRoles({ roles: { party: { grants } } }).get('party')!);

describe('privacyFindings', () => {
  it.each([
    [
      'history finer than read',
      [{ read: ['pcc/power/#'], every: '15m' }, { history: ['pcc/power/#'] }],
      'history gives pcc/power/active',
    ],
    [
      'history rounded less',
      [
        { read: ['+/power/#'], round: 100 },
        { history: ['#'], round: 10 },
      ],
      'in steps of 100 of read',
    ],
    [
      'a sum of phases',
      [{ read: ['pcc/power/active'], every: '15m' }, { read: ['pcc/power/active/+'] }],
      'pcc/power/active/import and pcc/power/active/export',
    ],
    [
      'power from its counter',
      [{ read: ['pcc/power/active/import'], every: '15m' }, { read: ['pcc/energy/#'] }],
      'follows from pcc/energy/active/import',
    ],
    [
      'import from tariffs',
      [{ read: ['pcc/power/active/import'], every: '15m' }, { read: ['pcc/energy/active/import/+'] }],
      'import/t1 and pcc/energy/active/import/t2',
    ],
    [
      'power of a phase from voltage and current',
      [{ read: ['+/power/#'], every: '15m' }, { read: ['+/voltage/+', '+/current/+'] }],
      'device/voltage/l1 and device/current/l1',
    ],
    [
      'what pv produces',
      [
        { read: ['pv/power'], every: '1h' },
        { history: ['pv/energy/#'], every: '1m' },
      ],
      'pv/power is given as windows of 1h',
    ],
    [
      'a sum of phases of which one is in history only',
      [
        { read: ['pcc/power/active'], every: '15m' },
        { read: ['pcc/power/active/l1', 'pcc/power/active/l2'] },
        { history: ['pcc/power/active/l3'] },
      ],
      'pcc/power/active/l3 given as each sample (grant 2, 3)',
    ],
    [
      'a sum of phases though a still finer grant of one ended before',
      [
        { read: ['pcc/power/active'], every: '15m', from: '2027-01-01T00:00:00Z' },
        { read: ['pcc/power/active/+'], every: '1m' },
        { read: ['pcc/power/active/l1'], until: '2027-01-01T00:00:00Z' },
      ],
      'given as windows of 1m (grant 2)',
    ],
    [
      'power of a load from its counter',
      [{ read: ['ev1/power/active'], every: '15m' }, { read: ['ev1/energy/active/import'] }],
      'ev1/power/active is given as windows of 15m but follows from ev1/energy/active/import',
    ],
    [
      'power of a load from what its session took',
      [{ read: ['ev1/power/active'], every: '15m' }, { history: ['ev1/energy/session'] }],
      'follows from ev1/energy/session',
    ],
    [
      'power over two steps, from tariffs',
      [{ read: ['pcc/power/active'], every: '15m' }, { read: ['pcc/energy/active/import/+'] }],
      'follows from pcc/energy/active/import/t1 and pcc/energy/active/import/t2',
    ],
    [
      'power from the running quarter-hour',
      [{ read: ['pcc/power/active'], every: '15m' }, { read: ['pcc/peak/quarter'] }],
      'follows from pcc/peak/quarter',
    ],
    [
      'power from voltages and currents of the phases',
      [{ read: ['pcc/power/active'], every: '15m' }, { read: ['pcc/voltage/+', 'pcc/current/+'] }],
      'follows from pcc/voltage/l1 and pcc/current/l1 and pcc/voltage/l2',
    ],
    [
      'power from what the phases draw',
      [{ read: ['pcc/power/active'], every: '15m' }, { read: ['pcc/power/active/import/+'] }],
      'follows from pcc/power/active/import/l1',
    ],
    [
      'power from apparent power and its factor',
      [{ read: ['pcc/power/active'], every: '15m' }, { read: ['pcc/power/apparent', 'pcc/power/factor'] }],
      'follows from pcc/power/apparent and pcc/power/factor',
    ],
    [
      'windows that do not nest',
      [
        { history: ['pcc/power/#'], every: '15m' },
        { history: ['pcc/power/#'], every: '10m' },
      ],
      'do not nest',
    ],
    [
      'a grant that never counts',
      [{ read: ['pcc/power/+'], every: '15m' }, { read: ['#'] }],
      'grant 2 gives the same points as each sample',
    ],
  ])('finds %s', (_what, grants, text) => {
    const found = findings(...grants);
    expect(found.map(({ wrong }) => wrong).join('\n')).toContain(text);
    expect(found[0]!.grant).toBe(0);
  });

  it.each([
    [
      'equal forms',
      [
        { read: ['pcc/power/#', 'pcc/energy/#'], every: '15m' },
        { history: ['pcc/power/#'], every: '15m' },
      ],
    ],
    ['a coarser history', [{ read: ['pcc/power/#'] }, { history: ['pcc/power/#'], every: '15m' }]],
    ['other quantities finer', [{ read: ['pcc/power/#'], every: '15m' }, { read: ['pcc/voltage/+', 'pcc/frequency'] }]],
    ['another device finer', [{ read: ['pcc/power/#'], every: '15m' }, { read: ['ev1/#'] }]],
    [
      'one after the other',
      [
        { read: ['pcc/power/#'], every: '15m', until: '2027-01-01T00:00:00Z' },
        { history: ['pcc/power/#'], from: '2027-01-01T00:00:00Z' },
      ],
    ],
    ['only some phases', [{ read: ['pcc/power/active'], every: '15m' }, { read: ['pcc/power/active/l1'] }]],
    ['nothing', []],
  ])('is content with %s', (_what, grants) => {
    expect(findings(...grants)).toEqual([]);
  });
});

import { encodeTelegram } from './encoder.js';
import { explainTelegram } from './explain.js';

const lines = [
  '0-0:96.1.4(50217)',
  '0-0:1.0.0(632525252525S)',
  '1-0:1.7.0(01.234*kW)',
  '1-0:1.8.1()',
  '0-0:17.0.0(069.0*kVA)',
  '1-0:42.1.0(00.500*kW)',
  '1-0:2.7.0(00.000*kW',
  '0-1:24.1.0(003)',
  '0-1:24.2.1(632525252525S)(00000.000)',
];
const recording = Buffer.concat([
  Buffer.from('noise\r\n'),
  encodeTelegram({ ident: 'FLU5\\1', objects: lines.map((obis) => ({ obis, groups: [] })) }),
]);

describe('explainTelegram', () => {
  const { telegrams, counts, notices } = explainTelegram(recording);
  const told = telegrams[0]!.lines.map(({ text, meaning, path, value, unit, problem }) => [
    text.split('(')[0],
    meaning,
    path,
    value,
    unit,
    problem,
  ]);

  it('tells what each line means, or why it is bad', () => {
    expect(told).toEqual([
      ['/FLU5\\1', 'Maker, baud character and type', null, undefined, null, null],
      ['', null, null, undefined, null, null],
      ['0-0:96.1.4', 'P1 version, Belgium', null, undefined, null, null],
      ['0-0:1.0.0', 'Time of the telegram', null, undefined, null, 'no valid time'],
      ['1-0:1.7.0', 'Active power imported', 'power/active/import', 1234, 'W', null],
      ['1-0:1.8.1', 'Active energy imported, tariff 1', 'energy/active/import/t1', null, 'Wh', 'empty'],
      ['0-0:17.0.0', expect.stringContaining('Limiter'), 'limiter/apparent', 69_000, 'VA', null],
      ['1-0:42.1.0', 'Register without a name', 'obis/1-0_42-1-0', 500, 'W', null],
      ['1-0:2.7.0', null, null, undefined, null, 'bracket not closed'],
      ['0-1:24.1.0', 'Device type of the channel', null, undefined, null, null],
      ['0-1:24.2.1', expect.stringContaining('Last reading'), null, null, null, 'captured: not a time'],
      ['!', 'End of the telegram', null, undefined, null, null],
    ]);
  });

  it('tells what the telegram is and what lay outside it', () => {
    expect(telegrams[0]).toMatchObject({
      ident: 'FLU5\\1',
      version: 'eMUCS-P1 1.7',
      verdict: 'ok',
      protection: 'plain',
      time: null,
    });
    expect([counts.skippedBytes, notices]).toEqual([7, []]);
  });

  it('tells that a recording is encrypted', () => {
    const frame = Buffer.from(`db08${'41'.repeat(8)}8200213000000001${'ab'.repeat(28)}`, 'hex');
    expect(explainTelegram(frame)).toMatchObject({ telegrams: [], notices: [{ kind: 'no-key', counter: 1 }] });
  });
});

import { decodeObisJson } from './decode.js';

describe('the JSON of an SMXCore', () => {
  it('gives values, times and what stands before the transformers', () => {
    // of a capture at a site of Storage4Grid, 2019-02-10
    const text =
      '{"1-1-1-8-0-255":{"-2":"4001708.0","-5":"02/10/2019 12:43:54"},' +
      '"1-1-131-7-0-255":{"-2":"184","-5":"02/10/2019 12:43:54","-9":"7.32"},"1-1-14-7-0-255":{"-2":"50.0"}}';
    const readAt = '2019-02-10T12:43:54';
    expect(decodeObisJson(text)).toEqual({
      readings: [
        { obis: '1-1:1.8.0', value: 4001708, readAt },
        { obis: '1-1:131.7.0', value: 184, before: 7.32, readAt },
        { obis: '1-1:14.7.0', value: 50 },
      ],
      skipped: [],
    });
  });

  it.each(['', '236.2', 'null', '[]', '"x"', '{"1-1-16-7-0-255":', 'NaN'])('takes no %j for a message', (text) => {
    expect(decodeObisJson(text)).toBeUndefined();
  });

  it.each(['', ' ', '-', 'NaN', 'Infinity', '0x10', '1e3', '1,5', 5, null, [1]])('makes no number of %j', (value) => {
    const key = '1-1-16-7-0-255';
    expect(decodeObisJson(JSON.stringify({ [key]: { '-2': value } }))).toEqual({ readings: [], skipped: [key] });
  });

  it.each([
    ['1.8800000000000001', 1.88],
    ['1.2345678E7', 12_345_678],
    ['-1.0E-4', -0.0001],
  ])('reads the double %s as Java prints it', (printed, value) => {
    const { readings } = decodeObisJson(JSON.stringify({ '1-1-1-8-0-255': { '-2': printed } }))!;
    expect(readings).toEqual([{ obis: '1-1:1.8.0', value: expect.closeTo(value, 9) }]);
  });

  it('skips what has no value or no code of a register', () => {
    const cell = { '-2': '1' };
    const body = {
      '1-1-16-7-0-255': {},
      '1-1-16-7-0': cell,
      'LD01/U1': cell,
      '1-1-32-7-0-255': cell,
      '1-1-52-7-0-255': null,
    };
    const { readings, skipped } = decodeObisJson(JSON.stringify(body))!;
    expect(readings).toEqual([{ obis: '1-1:32.7.0', value: 1 }]);
    expect(skipped).toEqual(['1-1-16-7-0-255', '1-1-16-7-0', 'LD01/U1', '1-1-52-7-0-255']);
  });

  it.each(['02/30/2019 12:00:00', '13/01/2019 12:00:00', '2019-02-10 12:43:54', '02/10/2019 24:00:01', ''])(
    'has no time where %j stands for one',
    (time) => {
      const text = JSON.stringify({ '1-1-16-7-0-255': { '-2': '1', '-5': time } });
      expect(decodeObisJson(text)?.readings).toEqual([{ obis: '1-1:16.7.0', value: 1 }]);
    },
  );
});

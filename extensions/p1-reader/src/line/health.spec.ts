import { LineHealth, SILENCE } from './health.js';

describe('line health', () => {
  it('tells a silent line from one with bytes and no telegram, and waits before it complains', () => {
    const health = new LineHealth(0);
    expect(health.assess(SILENCE - 1).code).toBe('waiting');
    expect(health.assess(SILENCE, { text: 'connection refused', since: 0 })).toEqual({
      code: 'no-bytes',
      text: 'connection refused',
      reading: false,
    });
    health.bytes(SILENCE);
    expect(health.assess(SILENCE + 1).code).toBe('no-frames');
    expect(health.assess(2 * SILENCE).code).toBe('no-bytes');
  });

  it('names what is wrong with the telegrams that do come', () => {
    const codes = (['crc', 'no-crc', 'encrypted', 'wrong-key', 'good'] as const).map((kind) => {
      const health = new LineHealth(0);
      health.bytes(SILENCE);
      health.frame(kind, SILENCE);
      return health.assess(SILENCE + 1).code;
    });
    expect(codes).toEqual(['crc-failing', 'crc-failing', 'encrypted-without-key', 'wrong-key', 'ok']);
  });

  it('complains of a fifth of damaged telegrams though the rest are good, and recovers', () => {
    const health = new LineHealth(0);
    for (let i = 0; i < 60; i++) health.frame(i % 4 === 0 ? 'crc' : 'good', i * 1000);
    expect(health.assess(60_000)).toMatchObject({
      code: 'crc-failing',
      text: expect.stringMatching(/^1\d of the last 50/),
    });
    for (let i = 60; i < 110; i++) health.frame('good', i * 1000);
    expect(health.assess(110_000).code).toBe('ok');
    expect(health.assess(110_000 + SILENCE).code).toBe('no-bytes');
  });

  it('misses a meter after a few of its own intervals, a slow one later than a fast one', () => {
    const silenceOf = (interval: number): number => {
      const health = new LineHealth(0);
      for (let i = 0; i < 10; i++) health.frame('good', i * interval);
      let silence = 0;
      while (health.assess(9 * interval + silence).code === 'ok') silence += 100;
      expect(health.assess(9 * interval + silence).code).toBe('no-bytes');
      return silence;
    };
    expect([silenceOf(1000), silenceOf(5000), silenceOf(10_000)]).toEqual([5000, 17_000, SILENCE]);
    // telegrams that were held up and came at once say nothing of the pace
    expect(silenceOf(10)).toBe(SILENCE);
  });

  it('says why at once where the line is lost, not where it is open again in a moment', () => {
    const health = new LineHealth(0);
    health.frame('good', 100_000);
    const shut = { text: 'the other side closed the connection', since: 100_500 };
    expect(health.assess(101_500, shut).code).toBe('ok');
    expect(health.assess(103_000, shut)).toEqual({ code: 'no-bytes', text: shut.text, reading: false });
    expect(health.assess(103_000).code).toBe('ok');
  });
});

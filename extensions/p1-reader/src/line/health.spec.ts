import { LineHealth, SILENCE } from './health.js';

describe('line health', () => {
  it('tells a silent line from one with bytes and no telegram, and waits before it complains', () => {
    const health = new LineHealth(0);
    expect(health.assess(SILENCE - 1).code).toBe('waiting');
    expect(health.assess(SILENCE, 'connection refused')).toEqual({
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
});

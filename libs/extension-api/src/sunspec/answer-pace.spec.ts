import { SmxError } from '@smx-edge/model';
import { ModbusException } from '../modbus/types.js';
import { AnswerPace, UNKNOWN_PACE } from './answer-pace.js';

describe('the pace of a device', () => {
  let now = 0;
  let pace: AnswerPace;
  beforeEach(() => {
    now = 0;
    pace = new AnswerPace(() => now);
  });
  const after = async (ms: number, error?: Error): Promise<void> => {
    const ask = (): Promise<void> => {
      now += ms;
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    };
    await pace.timed(ask).catch(() => undefined);
  };

  it('is not known before the first answer, and silence tells nothing of it', async () => {
    await after(3000, new SmxError('SMX_MODBUS_TIMEOUT', 'silent'));
    expect(pace.patience).toBe(UNKNOWN_PACE);
  });

  it('is not that of the first answer, for which the connection was made', async () => {
    await after(900);
    expect(pace.patience).toBe(UNKNOWN_PACE);
    await after(2);
    expect(pace.patience).toBeLessThan(100);
  });

  it('leaves a slow device its time, and a fast one little', async () => {
    for (let i = 0; i < 20; i++) await after(i % 2 === 0 ? 150 : 200);
    expect(pace.patience).toBeGreaterThan(600);
    expect(pace.patience).toBeLessThanOrEqual(UNKNOWN_PACE);
    for (let i = 0; i < 60; i++) await after(2);
    expect(pace.patience).toBeLessThan(100);
  });

  it('is that of refusals too', async () => {
    for (let i = 0; i < 5; i++) await after(4, new ModbusException(2, 'no such register'));
    expect(pace.patience).toBeLessThan(100);
  });
});

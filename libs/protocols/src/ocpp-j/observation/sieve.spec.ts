import { peekFrame } from '../frame/peek.js';
import { FrameSieve } from './sieve.js';

const up = (sieve: FrameSieve, frame: string): string => sieve.fromChargePoint(peekFrame(frame));
const down = (sieve: FrameSieve, frame: string): string => sieve.fromBackEnd(peekFrame(frame));

describe('what a frame may tell', () => {
  it('is known by its head', () => {
    const sieve = new FrameSieve();
    for (const action of ['BootNotification', 'StatusNotification', 'StartTransaction', 'StopTransaction', 'TransactionEvent'])
      expect(up(sieve, `[2,"1","${action}",{}]`)).toBe('lasting'); // prettier-ignore
    expect(up(sieve, '[2,"1","MeterValues",{}]')).toBe('momentary');
    expect(up(sieve, '[6,"1","MeterValues",{}]')).toBe('momentary');
    for (const frame of ['[2,"1","Heartbeat",{}]', '[2,"1","DataTransfer",{}]', '[2,"1",{}]', '{broken', '[9,"1"]'])
      expect(up(sieve, frame)).toBe('nothing');
    expect(up(sieve, '[3,"1",{}]')).toBe('lasting');
    expect(up(sieve, '[4,"1","GenericError","",{}]')).toBe('lasting');
    expect(down(sieve, '[2,"1","SetChargingProfile",{}]')).toBe('lasting');
    expect(down(sieve, '')).toBe('nothing');
  });

  it('is nothing for an answer but to what begins or ends a session', () => {
    const sieve = new FrameSieve();
    up(sieve, '[2,"values","MeterValues",{}]');
    expect(down(sieve, '[3,"values",{}]')).toBe('nothing');
    up(sieve, '[2,"start","StartTransaction",{}]');
    expect(down(sieve, '[3,"start",{"transactionId":7}]')).toBe('lasting');
    expect(down(sieve, '[3,"start",{"transactionId":7}]')).toBe('nothing');
    up(sieve, '[2,"stop","StopTransaction",{}]');
    expect(down(sieve, '[4,"stop","InternalError","",{}]')).toBe('lasting');
  });

  it('remembers no more calls than can be open', () => {
    const sieve = new FrameSieve();
    for (let i = 0; i < 65; i++) up(sieve, `[2,"${i}","StartTransaction",{}]`);
    expect(down(sieve, '[3,"0",{}]')).toBe('nothing');
    for (let i = 1; i < 65; i++) expect(down(sieve, `[3,"${i}",{}]`)).toBe('lasting');
  });
});

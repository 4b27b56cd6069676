import {
  encodeGeneralBlock,
  encodeNotification,
  encodeRelease,
  seal,
  wrapGeneral,
  type CipherKeys,
  type Protection,
} from '../cosem/index.js';
import { PushReceiver } from './push-receiver.js';

const keys: CipherKeys = { suite: 0, block: Buffer.alloc(16, 1), authentication: Buffer.alloc(16, 2) };
const security = { keys, encrypted: true };
const METER = Buffer.from('MTR00001');
const OTHER = Buffer.from('MTR00002');
const HEAD = { apdu: 'data-notification', invoke: 1, dateTime: new Uint8Array(0) } as const;
const plain = encodeNotification({ ...HEAD, data: { type: 'unsigned', value: 7 } });
const BOTH: Protection = { authenticated: true, encrypted: true };
const push = (counter: number, { title = METER, protection = BOTH, by = keys } = {}): Uint8Array =>
  wrapGeneral(title, seal(plain, { keys: by, title, counter, protection }), 'general-glo');
const GOOD = { notification: { data: { type: 'unsigned', value: 7 } } };
const why = (of: string): object => ({ refused: { why: of } });

describe('a receiver of pushes', () => {
  it('takes plain ones where no keys are given, and none of them where they are', () => {
    expect(new PushReceiver({}).connection()(plain)).toMatchObject(GOOD);
    expect(new PushReceiver({ security }).connection()(plain)).toMatchObject(why('not-ciphered'));
    // tags that no association ciphers open no door either
    const rlre = encodeRelease({ apdu: 'rlre', reason: 0 });
    expect(new PushReceiver({ security }).connection()(rlre)).toMatchObject(why('not-ciphered'));
    expect(new PushReceiver({}).connection()(rlre)).toMatchObject(why('malformed'));
  });

  it('takes ciphered ones once, in order of their counters, over restarts too', () => {
    const first = new PushReceiver({ security });
    const take = first.connection();
    expect(take(push(5))).toMatchObject(GOOD);
    expect(take(push(5))).toMatchObject(why('meter-counter-fallen'));
    expect(take(push(9))).toMatchObject(GOOD);
    expect([first.counter, first.title]).toEqual([9, METER]);
    const next = new PushReceiver({ security, title: first.title!, counter: first.counter! });
    const again = next.connection();
    expect(again(push(9))).toMatchObject(why('meter-counter-fallen'));
    expect(again(push(10))).toMatchObject(GOOD);
  });

  it('takes none that says it is under a dedicated key, which is how one that was taken would pass again', () => {
    const take = new PushReceiver({ security }).connection();
    const recorded = push(5);
    expect(take(recorded)).toMatchObject(GOOD);
    expect(take(Uint8Array.of(0xdc, ...recorded.subarray(1)))).toMatchObject(why('malformed'));
    expect(take(push(6))).toMatchObject(GOOD);
  });

  it('takes nothing of another meter, another key, without a tag or with one bit changed', () => {
    const take = new PushReceiver({ security }).connection();
    take(push(1));
    expect(take(push(2, { title: OTHER }))).toMatchObject(why('wrong-key'));
    expect(take(push(2, { by: { ...keys, block: Buffer.alloc(16, 9) } }))).toMatchObject(why('wrong-key'));
    const bare = { protection: { authenticated: false, encrypted: true } };
    expect(take(push(2, bare))).toMatchObject(why('wrong-key'));
    const whole = push(2);
    for (let at = 10; at < whole.length; at++) {
      const changed = Uint8Array.from(whole);
      changed[at]! ^= 1;
      expect(take(changed)).toHaveProperty('refused');
    }
    expect(take(whole)).toMatchObject(GOOD);
  });

  it('takes one that comes in general blocks, and acknowledges them where that is wanted', () => {
    const take = new PushReceiver({ security }).connection();
    const whole = push(3);
    const half = Math.ceil(whole.length / 2);
    const block = (number: number, streaming: boolean): Uint8Array =>
      encodeGeneralBlock({
        ...{ apdu: 'general-block-transfer', last: number === 2, streaming, window: 1, block: number, acknowledged: 0 },
        data: whole.subarray((number - 1) * half, number * half),
      });
    expect(take(block(1, true))).toBe('more');
    expect(take(block(2, false))).toMatchObject(GOOD);
    expect(new PushReceiver({}).connection()(block(1, false))).toHaveProperty('send');
  });

  it('joins no block to those of a push before it whose last one was lost', () => {
    const take = new PushReceiver({}).connection();
    const block = (number: number, value: number): Uint8Array => {
      const data = encodeNotification({ ...HEAD, data: { type: 'array', value: [value, value].map((one) => ({ type: 'unsigned', value: one })) } }); // prettier-ignore
      const half = data.length - 2;
      return encodeGeneralBlock({
        ...{ apdu: 'general-block-transfer', last: number === 2, streaming: number === 1, window: 1, block: number },
        ...{ acknowledged: 0, data: number === 1 ? data.subarray(0, half) : data.subarray(half) },
      });
    };
    expect(take(block(1, 3))).toBe('more');
    expect(take(block(1, 4))).toBe('more');
    const value = [4, 4].map((one) => ({ type: 'unsigned', value: one }));
    expect(take(block(2, 4))).toMatchObject({ notification: { data: { value } } });
  });
});

import { Breaker } from './breaker.js';
import type { DialResult } from '../relay/far-side.js';
import type { Handshake } from '../relay/wire.js';
import { backOff } from './back-off.js';

const handshake = { identity: 'A' } as Handshake;
const refused: DialResult = { failure: { code: 'ECONNREFUSED', text: 'no' } };
const reached = { farSide: { isOpen: false } } as DialResult;

function made(results: (() => Promise<DialResult>)[]) {
  let now = 0;
  let dials = 0;
  const breaker = new Breaker({
    dial: () => results[dials++]!(),
    backEndOf: () => 'x',
    now: () => now,
    random: () => 0.5,
  });
  return { breaker, dials: () => dials, at: (ms: number) => (now = ms) };
}

const now = (result: DialResult) => () => Promise.resolve(result);

it('doubles its pause from 1 s to 300 s, ±50 %', () => {
  expect([1, 2, 3, 9, 10, 1000].map((n) => backOff(n, 0.5))).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000]);
  expect([backOff(1, 0), backOff(1, 1)]).toEqual([500, 1500]);
});

it('counts many that failed together as one', async () => {
  const { breaker, at } = made(Array.from({ length: 21 }, () => now(refused)));
  await Promise.all(Array.from({ length: 20 }, () => breaker.dial(handshake)));
  expect(breaker.pause(handshake)).toBe(1000);
  at(1000);
  await breaker.dial(handshake).catch(() => {});
  expect(breaker.pause(handshake)).toBe(2000);
});

it('has one probe at a time, and tells those who wait once it succeeds', async () => {
  let answer!: (result: DialResult) => void;
  const probe = new Promise<DialResult>((resolve) => (answer = resolve));
  const { breaker, dials, at } = made([now(refused), () => probe, now(reached)]);
  await breaker.dial(handshake);
  at(1000);
  const first = breaker.dial(handshake);
  expect(await breaker.dial(handshake)).toMatchObject({ failure: { code: 'AWAY', status: 503 } });
  let told = 0;
  breaker.whenBack(handshake, () => (told += 1));
  const forget = breaker.whenBack(handshake, () => (told += 100));
  forget();
  answer(reached);
  expect(await first).toBe(reached);
  expect(told).toBe(1);
  expect(dials()).toBe(2);
  expect(await breaker.dial(handshake)).toBe(reached);
});

it('learns nothing from a charge point that goes while it is the probe', async () => {
  const aborted: DialResult = { failure: { code: 'ABORTED', text: 'gone' } };
  const { breaker, dials, at } = made([now(refused), now(aborted), now(reached)]);
  await breaker.dial(handshake);
  at(1000);
  expect(await breaker.dial(handshake)).toBe(aborted);
  expect(await breaker.dial(handshake)).toBe(reached);
  expect(dials()).toBe(3);
});

it('waits as long as the back end asks for', async () => {
  const busy: DialResult = { failure: { status: 503, headers: { 'retry-after': '30' }, code: 'HTTP', text: '' } };
  const { breaker } = made([now(busy)]);
  await breaker.dial(handshake);
  expect(breaker.pause(handshake)).toBe(30_000);
});

it('keeps no other charge point out while one is connected', async () => {
  const farSide = { isOpen: true };
  const { breaker, dials } = made([now({ farSide } as DialResult), now(refused), now(refused), now(refused)]);
  await breaker.dial(handshake);
  expect(await breaker.dial(handshake)).toBe(refused);
  expect(breaker.pause(handshake)).toBe(0);
  expect(await breaker.dial(handshake)).toBe(refused);
  farSide.isOpen = false;
  await breaker.dial(handshake);
  expect(dials()).toBe(4);
  expect(breaker.pause(handshake)).toBe(1000);
});

it('is not opened by what cannot be sent on', async () => {
  const { breaker } = made([now({ failure: { code: 'UNFIT', text: 'a header' } })]);
  await breaker.dial(handshake);
  expect(breaker.pause(handshake)).toBe(0);
});

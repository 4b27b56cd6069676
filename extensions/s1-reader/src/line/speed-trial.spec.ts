import { atFirstSpeed, leavesSpeed, SpeedTrial } from './speed-trial.js';

it('tries 2 Mbit/s, then 1.5, and again, while bytes come and no frame', () => {
  const trial = new SpeedTrial();
  expect(trial.setting).toEqual({ baud: 2_000_000, mode: '8N1' });
  // silence says nothing of a speed
  expect(trial.isDue(60_000)).toBe(false);
  const bauds = [100_000, 110_000, 120_000].map((t) => {
    trial.bytes(t);
    expect(trial.isDue(t + 2000)).toBe(false);
    expect(trial.isDue(t + 3000)).toBe(true);
    return trial.setting.baud;
  });
  expect(bauds).toEqual([1_500_000, 2_000_000, 1_500_000]);
  trial.bytes(130_000);
  trial.good();
  expect(trial.isDue(200_000)).toBe(false);
  expect(trial.setting.baud).toBe(1_500_000);
});

it.each([
  ['serial:/dev/ttyUSB0', true],
  ['serial:/dev/ttyUSB0?baud=1500000', false],
  ['tcp://192.0.2.7:2001', false],
])('%s leaves the speed: %s', (source, leaves) => expect(leavesSpeed(source)).toBe(leaves));

it.each([
  ['serial:/dev/ttyUSB0', 'serial:/dev/ttyUSB0?baud=2000000'],
  ['serial:/dev/ttyUSB0?dtr=off', 'serial:/dev/ttyUSB0?dtr=off&baud=2000000'],
  ['serial:/dev/ttyUSB0?baud=1500000', 'serial:/dev/ttyUSB0?baud=1500000'],
  ['file:s1.bin?speed=1', 'file:s1.bin?speed=1'],
])('%s is opened as %s', (source, opened) => expect(atFirstSpeed(source)).toBe(opened));

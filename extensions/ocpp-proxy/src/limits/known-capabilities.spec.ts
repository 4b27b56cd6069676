import type { InjectionAnswer } from '../relay/circuit.js';
import { KnownCapabilities, type KeptCapabilities } from './known-capabilities.js';

const levels = (level: number): InjectionAnswer => ({
  status: 'ok',
  payload: { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: String(level) }] },
});

function asked() {
  const kept: KeptCapabilities[] = [];
  const answers: ((answer: InjectionAnswer) => void)[] = [];
  const known = new KnownCapabilities({
    kept: () => Promise.resolve(kept.at(-1)),
    keep: (of) => Promise.resolve(void kept.push(of)),
    send: () => new Promise((resolve) => answers.push(resolve)),
  });
  return { kept, answers, known };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('asks once for each firmware, whoever wants to know', async () => {
  const { answers, kept, known } = asked();
  known.booted('1');
  const both = Promise.all([known.get(), known.get()]);
  await turn();
  answers[0]!(levels(8));
  expect(await both).toMatchObject([{ maxStackLevel: 8 }, { maxStackLevel: 8 }]);
  expect(await known.get()).toMatchObject({ maxStackLevel: 8 });
  known.booted('1');
  expect(await known.get()).toMatchObject({ maxStackLevel: 8 });
  expect(answers).toHaveLength(1);
  expect(kept).toMatchObject([{ firmware: '1' }]);
});

it('asks the firmware that booted while the one before was asked', async () => {
  const { answers, kept, known } = asked();
  known.booted('1');
  const wanted = known.get();
  await turn();
  known.booted('2');
  answers[0]!(levels(8));
  await turn();
  answers[1]!(levels(4));
  expect(await wanted).toMatchObject({ maxStackLevel: 4 });
  expect(kept).toMatchObject([{ firmware: '2', capabilities: { maxStackLevel: 4 } }]);
});

it('gives nothing where there is no answer, and asks again the next time', async () => {
  const { answers, kept, known } = asked();
  known.booted('1');
  const first = known.get();
  await turn();
  answers[0]!({ status: 'timeout', wasSent: true });
  expect(await first).toBeUndefined();
  const second = known.get();
  await turn();
  answers[1]!(levels(2));
  expect(await second).toMatchObject({ maxStackLevel: 2 });
  expect(kept).toHaveLength(1);
});

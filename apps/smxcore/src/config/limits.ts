import { Type, type Static } from '@sinclair/typebox';
import { durationMs } from '@smx-edge/model';
import type { ControlOptions } from '@smx-edge/control';
import { closed, Duration } from './words.js';

const Watts = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, expected: 'a number of watts, 0 or more', description }));

/** `limits:`: what bounds every command. */
export const LimitsSection = closed(
  {
    import: Watts('most the connection may draw'),
    export: Watts('most the connection may inject'),
    meter: Type.Optional(
      Type.String({
        minLength: 1,
        expected: 'the name of a device',
        description: 'device of the meter at the connection, whose `power/active` tells what the house takes; without it `pcc`, where there is one',
      }),
    ),
    soc: Type.Optional(
      Type.Unsafe<readonly [number, number]>({
        type: 'array',
        items: { type: 'number', minimum: 0, maximum: 100 },
        minItems: 2,
        maxItems: 2,
        expected: 'two numbers [min, max] in %, min below max',
        description: 'state of charge that commands may not lead a store out of',
      }),
    ),
    failsafe: Type.Optional(
      closed(
        {
          import: Watts('most the connection may draw while no grid operator is heard'),
          export: Watts('most it may inject meanwhile'),
          after: Type.Optional(Duration('silence after which that holds', '2m')),
          for: Type.Optional(Duration('how long it holds then', '2h')),
        },
        { description: 'Limits while no party of authority dso or emergency gives a sign of life' },
      ),
    ),
  },
  { description: 'Limits of the connection in W; they bound every command' },
);

export function limitsOf(raw: Static<typeof LimitsSection> = {}): ControlOptions['limits'] {
  const { failsafe, ...limits } = raw;
  if (failsafe === undefined) return limits;
  const { after = '2m', for: length = '2h', ...values } = failsafe;
  return { ...limits, failsafe: { ...values, after: durationMs(after), for: durationMs(length) } };
}

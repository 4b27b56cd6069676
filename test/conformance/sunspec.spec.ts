import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  ChainWalk,
  decodeModel,
  joined,
  modelOf,
  MODELS,
  rangesOf,
  type Chain,
  type Decoded,
  type FieldValue,
  type RegisterRange,
} from '@smx-edge/protocols/sunspec';

/** Register images of devices with what another implementation reads from them. */
const DATA = resolve(__dirname, '../../../shared/data/fronius');
const given = existsSync(join(DATA, 'README.md')) ? describe : describe.skip;

type Image = Readonly<Record<string, number>>;
interface Expected {
  readonly base: number;
  readonly models: readonly {
    readonly addr: number;
    readonly id: number;
    readonly len: number;
    readonly points: Readonly<Record<string, unknown>>;
  }[];
}
type MapRow = readonly [number, string, string, number, string | null, string | null, string, number];

const json = (name: string): unknown => JSON.parse(readFileSync(join(DATA, name), 'utf8'));
const imageOf = (name: string, unit: string): Image =>
  (json(`modbus/${name}.json`) as { units: Record<string, Image> }).units[unit]!;

/** As a device answers: with an exception where a register is not there. */
function read(image: Image, { address, count }: RegisterRange): number[] | undefined {
  const words = Array.from({ length: count }, (_, i) => image[address + i]);
  return words.every((word) => word !== undefined) ? words : undefined;
}

function walked(image: Image): Chain {
  const walk = new ChainWalk();
  for (let next = walk.next; next !== undefined; next = walk.next) walk.answer(read(image, next));
  return walk.chain!;
}

/** Blocks of one model, one behind the other in the names of their group. */
function decoded(image: Image, place: Chain['models'][number]): Decoded {
  const words = joined(
    place,
    rangesOf(place).map((range) => read(image, range)!),
  );
  if ('fault' in words) throw new Error(words.fault);
  const model = decodeModel(place, words);
  if ('fault' in model) throw new Error(model.fault);
  return model;
}

// pads are not decoded; ids and lengths are the chain's
const LEFT_OUT = /^(ID|L|Pad\d*)$/;

function compare(at: string, found: FieldValue | undefined, expected: unknown): void {
  if (typeof expected !== 'number' || typeof found?.value !== 'number') {
    expect([at, found?.value]).toEqual([at, expected]);
    return;
  }
  expect([at, Math.abs(found.value - expected) <= 1e-9 * Math.abs(expected)]).toEqual([at, true]);
}

const IMAGES: readonly (readonly [image: string, unit: string, expected: string])[] = [
  ['verto_live', '1', 'expected_verto_live'],
  ['verto_live', '200', 'expected_verto_live_200'],
  ['sunspec_sim_ig', '1', 'expected_sunspec_sim_ig'],
  ['fuzz1', '1', 'expected_fuzz1'],
  ['fuzz2', '1', 'expected_fuzz2'],
];

given('SunSpec models', () => {
  it.each(IMAGES)('of %s, unit %s are walked and decoded as %s says', (name, unit, file) => {
    const image = imageOf(name, unit);
    const expected = json(`modbus/${file}.json`) as Expected;
    const chain = walked(image);
    expect(chain.base).toBe(expected.base);
    expect(chain.models.map(({ id, address, length }) => [id, address, length])).toEqual(
      expected.models.map(({ id, addr, len }) => [id, addr, len]),
    );
    let compared = 0;
    for (const [i, { id, points }] of expected.models.entries()) {
      if (modelOf(id) === undefined) continue;
      const model = decoded(image, chain.models[i]!);
      for (const [key, value] of Object.entries(points)) {
        if (Array.isArray(value)) {
          expect(model.blocks).toHaveLength(value.length);
          for (const [k, block] of (value as Record<string, unknown>[]).entries())
            for (const [field, of] of Object.entries(block))
              compare(`${id}.${key}.${field}`, model.blocks[k]![field], of);
        } else if (!LEFT_OUT.test(key)) compare(`${id}.${key}`, model.fields[key], value);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(50);
  });

  it('stand at the offsets of the register map, with its types, scale factors and access', () => {
    const { models } = json('register-map.json') as {
      models: Record<
        string,
        { fixed_len: number; p: MapRow[]; groups?: { stride: number; start: number; p: MapRow[] }[] }
      >;
    };
    expect(MODELS.map(({ id }) => String(id)).sort()).toEqual(Object.keys(models).sort());
    for (const { id, fields, length, block } of MODELS) {
      const map = models[id]!;
      const told = (rows: readonly MapRow[], first: number): unknown[] =>
        rows.map(([offset, name, type, size, scale, , access]) => [offset - first, name, type, size, scale, access]);
      const ours = (of: typeof fields): unknown[] =>
        of.map((f) => [f.offset, f.name, f.type, f.registers, f.scale ?? null, f.writable ? 'RW' : 'R']);
      expect([id, ours(fields)]).toEqual([id, told(map.p.slice(2), 0)]);
      expect([id, length]).toEqual([id, map.fixed_len]);
      const group = map.groups?.[0];
      expect([id, block?.registers]).toEqual([id, group?.stride]);
      if (group !== undefined) expect(ours(block!.fields)).toEqual(told(group.p, group.start));
    }
  });
});

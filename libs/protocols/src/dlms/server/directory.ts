import {
  decodeName,
  shortName,
  type AttributeReference,
  type Data,
  type GetResult,
  type Selection,
} from '../../cosem/index.js';
import { meterObject, UNDEFINED, type MeterObject } from './object.js';

const ASSOCIATION_NAME = Uint8Array.of(0, 0, 40, 0, 0, 255);
const ASSOCIATION_SN = 0xfa00;

/** The objects a client sees, its own association among them. */
export class Directory {
  private readonly byName = new Map<string, MeterObject>();
  private readonly byShortName = new Map<number, readonly [object: MeterObject, attribute: number]>();

  constructor(objects: readonly MeterObject[], referencing: 'LN' | 'SN') {
    const all = [...objects, referencing === 'LN' ? associationLn(objects) : associationSn(objects)];
    for (const object of all) {
      this.byName.set(keyOf(object.classId, object.name), object);
      if (object.baseName === undefined) continue;
      for (let attribute = 1; attribute <= object.attributes; attribute++)
        this.byShortName.set(shortName(object.baseName, attribute), [object, attribute]);
    }
  }

  get({ classId, name, attribute, selection }: AttributeReference): GetResult {
    const object = this.byName.get(keyOf(classId, name));
    return object === undefined ? { error: UNDEFINED } : object.read(attribute, selection);
  }

  read({ name, selection }: { name: number; selection?: Selection }): GetResult {
    const found = this.byShortName.get(name);
    if (found === undefined) return { error: UNDEFINED };
    const [object, attribute] = found;
    return object.read(attribute, selection);
  }
}

function keyOf(classId: number, name: Uint8Array): string {
  const { a, b, c, d, e, f } = decodeName(name);
  return `${classId} ${a}.${b}.${c}.${d}.${e}.${f}`;
}

const structure = (...value: Data[]): Data => ({ type: 'structure', value });
const long = (value: number): Data => ({ type: 'long-unsigned', value });
const NO_METHODS: Data = { type: 'array', value: [] };

/** Class 15, its list of objects alone: rights are to read. */
function associationLn(objects: readonly MeterObject[]): MeterObject {
  const list: Data = {
    type: 'array',
    value: objects.map(({ classId, version, name, attributes }) =>
      structure(
        long(classId),
        { type: 'unsigned', value: version },
        { type: 'octet-string', value: name },
        structure({ type: 'array', value: rights(attributes) }, NO_METHODS),
      ),
    ),
  };
  return meterObject(15, { name: ASSOCIATION_NAME, version: 1 }, [list]);
}

function rights(attributes: number): Data[] {
  return Array.from({ length: attributes }, (_, i) =>
    structure({ type: 'integer', value: i + 1 }, { type: 'enum', value: 1 }, { type: 'null-data' }),
  );
}

/** Class 12: base names are signed there. */
function associationSn(objects: readonly MeterObject[]): MeterObject {
  const list: Data = {
    type: 'array',
    value: objects.map(({ classId, version, name, baseName = 0 }) =>
      structure(
        { type: 'long', value: (baseName << 16) >> 16 },
        long(classId),
        { type: 'unsigned', value: version },
        { type: 'octet-string', value: name },
      ),
    ),
  };
  return meterObject(12, { name: ASSOCIATION_NAME, baseName: ASSOCIATION_SN }, [list]);
}

/** Field types of the information models (SunSpec Information Model Specification V1.2, data formats). */
export type FieldType =
  | 'int16'
  | 'uint16'
  | 'count'
  | 'enum16'
  | 'bitfield16'
  | 'pad'
  | 'sunssf'
  | 'uint32'
  | 'acc32'
  | 'bitfield32'
  | 'float32'
  | 'acc64'
  | 'string';

/** One named field of a model. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: FieldType;
  /** Registers from the model's id register, which is 0; within a repeated block from the block's first register. */
  readonly offset: number;
  readonly registers: number;
  /** UCUM; undefined where it has none. Percentages are of what the model says, mostly its own maximum. */
  readonly unit?: string;
  /** Name of the field of the same model that has the power of ten. */
  readonly scale?: string;
  /** Where that field stands, from the model's id register. */
  readonly scaleOffset?: number;
  readonly writable: boolean;
  /** Values of an enumeration, or bits of a bitfield, with their names. */
  readonly symbols?: Symbols;
}

export type Symbols = Readonly<Record<number, string>>;

export interface ModelDefinition {
  readonly id: number;
  readonly name: string;
  /** Document and clause that defines it. */
  readonly source: string;
  /** What stands once, in order, from offset 2 on: id and length are not among them. */
  readonly fields: readonly FieldDefinition[];
  /** Registers of these behind id and length. */
  readonly length: number;
  /** What is repeated behind them as often as the length has room for. */
  readonly block?: { readonly fields: readonly FieldDefinition[]; readonly registers: number };
}

/** Names of one kind of field that follow each other, type (`string16` has 16 registers), unit, field of the scale factor, `rw`. */
export type FieldRow = readonly [names: string, type: string, unit?: string, scale?: string, access?: 'rw'];

interface Head {
  readonly id: number;
  readonly name: string;
  readonly source: string;
  /** By the name of the field. */
  readonly symbols?: Readonly<Record<string, Symbols>>;
}

export const INFORMATION_MODELS = 'SunSpec Information Model Specification V1.2';
export const INVERTER_MODELS_SOURCE = 'SunSpec Inverter Models 1.2; Fronius Modbus TCP & RTU, inverter models';
export const METER_MODELS_SOURCE = 'SunSpec Meter Models 1.2; Fronius Modbus TCP & RTU, meter models';
export const DER_MODELS_SOURCE = 'SunSpec Inverter Controls 1.2; Fronius Modbus TCP & RTU';

/** Registers of id and length. */
export const HEAD_REGISTERS = 2;

const REGISTERS: Readonly<Record<string, number>> = { uint32: 2, acc32: 2, bitfield32: 2, float32: 2, acc64: 4 };

function laidOut(rows: readonly FieldRow[], symbols: Head['symbols'], first: number): FieldDefinition[] {
  let offset = first;
  return rows.flatMap(([names, form, unit, scale, access]) => {
    const [type, size] = form.startsWith('string') ? ['string', Number(form.slice(6))] : [form, REGISTERS[form] ?? 1];
    return names.split(' ').map((name) => {
      const field = {
        ...{ name, type: type as FieldType, offset, registers: size, writable: access === 'rw' },
        ...(unit ? { unit } : {}),
        ...(scale ? { scale } : {}),
        ...(symbols?.[name] === undefined ? {} : { symbols: symbols[name] }),
      };
      offset += size;
      return field;
    });
  });
}

function withScales(fields: readonly FieldDefinition[], all: readonly FieldDefinition[]): FieldDefinition[] {
  return fields.map((field) => {
    const factor = all.find(({ name }) => name === field.scale);
    return factor === undefined ? field : { ...field, scaleOffset: factor.offset };
  });
}

const widthOf = (fields: readonly FieldDefinition[]): number =>
  fields.reduce((sum, { registers }) => sum + registers, 0);

/** A model of rows in the order of its registers; `repeated`: rows of the block that stands behind them again and again. */
export function model(head: Head, rows: readonly FieldRow[], repeated?: readonly FieldRow[]): ModelDefinition {
  const { id, name, source, symbols } = head;
  const fields = laidOut(rows, symbols, HEAD_REGISTERS);
  const block = repeated && laidOut(repeated, symbols, 0);
  return {
    ...{ id, name, source, fields: withScales(fields, fields), length: widthOf(fields) },
    ...(block === undefined ? {} : { block: { fields: withScales(block, fields), registers: widthOf(block) } }),
  };
}

/** Symbols whose numbers follow each other from `first`. */
export function numbered(first: number, names: string): Symbols {
  return Object.fromEntries(names.split(' ').map((name, i) => [first + i, name]));
}

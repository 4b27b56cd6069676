/** Types whose value is a number without loss. `enum` and `bcd` are numbers by their bytes. */
export type NumberType =
  | 'double-long'
  | 'double-long-unsigned'
  | 'bcd'
  | 'integer'
  | 'long'
  | 'unsigned'
  | 'long-unsigned'
  | 'enum'
  | 'floating-point'
  | 'float32'
  | 'float64';

/** Types whose value is octets as they came. */
export type OctetType = 'octet-string' | 'date-time' | 'date' | 'time';

/** A value of an attribute with its type (Green Book, `Data`; IEC 62056-6-2 §4.1.5). Octets may be views of the APDU. */
export type Data =
  | { readonly type: 'null-data' | 'dont-care' }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** The first bit is the highest of the first byte. */
  | { readonly type: 'bit-string'; readonly bits: number; readonly value: Uint8Array }
  | { readonly type: NumberType; readonly value: number }
  | { readonly type: 'long64' | 'long64-unsigned'; readonly value: bigint }
  | { readonly type: OctetType; readonly value: Uint8Array }
  /** Visible strings byte by byte (Latin-1), UTF-8 strings decoded. */
  | { readonly type: 'visible-string' | 'utf8-string'; readonly value: string }
  | { readonly type: 'array' | 'structure'; readonly value: readonly Data[] }
  /** An array whose elements share one description; all of them have the same type. */
  | { readonly type: 'compact-array'; readonly value: readonly Data[] };

export type DataType = Data['type'];

/** Tags of A-XDR (Green Book §9.5, `Data ::= CHOICE`). */
export const TAGS = {
  'null-data': 0,
  array: 1,
  structure: 2,
  boolean: 3,
  'bit-string': 4,
  'double-long': 5,
  'double-long-unsigned': 6,
  'floating-point': 7,
  'octet-string': 9,
  'visible-string': 10,
  'utf8-string': 12,
  bcd: 13,
  integer: 15,
  long: 16,
  unsigned: 17,
  'long-unsigned': 18,
  'compact-array': 19,
  long64: 20,
  'long64-unsigned': 21,
  enum: 22,
  float32: 23,
  float64: 24,
  'date-time': 25,
  date: 26,
  time: 27,
  'dont-care': 255,
} as const satisfies Record<DataType, number>;

export const TYPES: ReadonlyMap<number, DataType> = new Map(
  Object.entries(TAGS).map(([type, tag]) => [tag, type as DataType]),
);

/** Octets of the types whose length is fixed. */
export const FIXED = { 'date-time': 12, date: 5, time: 4 } as const;

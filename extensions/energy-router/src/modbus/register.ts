import { SmxError } from '@smx-edge/model';

export const REGISTER_TYPES = ['uint16', 'int16', 'uint32', 'int32', 'float32'] as const;
export type RegisterType = (typeof REGISTER_TYPES)[number];

export const REGISTER_COUNTS: Readonly<Record<RegisterType, 1 | 2>> = {
  ...{ uint16: 1, int16: 1 },
  ...{ uint32: 2, int32: 2, float32: 2 },
};

export interface RegisterForm {
  readonly type: RegisterType;
  /** Of two registers the first is the lower. */
  readonly isLowFirst: boolean;
}

/** The number in these registers; NaN where there is none, or no finite one. */
export function decodeRegisters(words: readonly number[], { type, isLowFirst }: RegisterForm): number {
  const view = new DataView(new ArrayBuffer(4));
  const count = REGISTER_COUNTS[type];
  if (words.length < count) return NaN;
  for (let i = 0; i < count; i++) view.setUint16(2 * i, words[isLowFirst ? count - 1 - i : i]!);
  switch (type) {
    case 'uint16':
      return view.getUint16(0);
    case 'int16':
      return view.getInt16(0);
    case 'uint32':
      return view.getUint32(0);
    case 'int32':
      return view.getInt32(0);
    case 'float32':
      return shortest(view.getFloat32(0));
  }
}

/** The decimal that a float stands for: 0.1, not 0.10000000149. */
function shortest(float: number): number {
  if (!Number.isFinite(float)) return NaN;
  for (let digits = 6; digits < 9; digits++) {
    const value = Number(float.toPrecision(digits));
    if (Math.fround(value) === float) return value;
  }
  return float;
}

const RANGES = {
  uint16: [0, 0xffff],
  int16: [-0x8000, 0x7fff],
  uint32: [0, 0xffff_ffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
} as const;

/** Registers with this number, whole types rounded. Throws SMX_ROUTER_VALUE for one that does not fit. */
export function encodeRegisters(value: number, { type, isLowFirst }: RegisterForm): number[] {
  const view = new DataView(new ArrayBuffer(4));
  if (type === 'float32') view.setFloat32(0, value);
  else {
    const whole = Math.round(value);
    const [least, most] = RANGES[type];
    if (!(whole >= least && whole <= most))
      throw new SmxError('SMX_ROUTER_VALUE', `${value} does not fit a register of type ${type} (${least} to ${most})`);
    if (type === 'uint16') view.setUint16(0, whole);
    else if (type === 'int16') view.setInt16(0, whole);
    else if (type === 'uint32') view.setUint32(0, whole);
    else view.setInt32(0, whole);
  }
  const words = Array.from({ length: REGISTER_COUNTS[type] }, (_, i) => view.getUint16(2 * i));
  return isLowFirst ? words.reverse() : words;
}

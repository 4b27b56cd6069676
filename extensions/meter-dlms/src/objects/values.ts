import { isSmxError } from '@smx-edge/model';
import { ByteWriter, writeData, type Data } from '@smx-edge/protocols/cosem';

/** Power of ten and unit of a register, as the meter gives them (Blue Book §4.3.2, `scal_unit_type`). */
export interface ScalerUnit {
  readonly scaler: number;
  /** Code of the unit in table 4 of the same clause. */
  readonly code: number;
}

/** Undefined for a value of another shape. */
export function scalerUnitOf(data: Data): ScalerUnit | undefined {
  if (data.type !== 'structure') return undefined;
  const [scaler, code] = data.value.map((one) => ('value' in one ? one.value : undefined));
  return typeof scaler === 'number' && Math.abs(scaler) <= 32 && typeof code === 'number'
    ? { scaler, code }
    : undefined;
}

/** A whole number as the meter holds it, or a floating one; undefined where the value is no number. */
export function rawOf(data: Data): number | bigint | undefined {
  const value = 'value' in data ? data.value : undefined;
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Text of a string, of octets that are printable, or of a number; other octets in hexadecimal. Undefined for all else. */
export function textOf(data: Data): string | undefined {
  const value = 'value' in data ? data.value : undefined;
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (!(value instanceof Uint8Array) || data.type === 'bit-string') return undefined;
  const isText = value.length > 0 && value.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? Buffer.from(value).toString('latin1').trim() : Buffer.from(value).toString('hex');
}

/** A value as A-XDR writes it, hexadecimal; empty for the one shape that is read and cannot be written, an empty compact array. */
export function bytesOf(data: Data): string {
  const writer = new ByteWriter();
  try {
    writeData(writer, data);
  } catch (error) {
    if (!isSmxError(error) || error.code !== 'SMX_PROTOCOL_ENCODE') throw error;
    return '';
  }
  return Buffer.from(writer.done()).toString('hex');
}

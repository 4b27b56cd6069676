/**
 * How a value stands in a record. A sample is: varint handle; one byte quality (bits 0-2), kind (bits 3-5) and whether
 * the source time differs from the receive time (bit 6); then that difference (folded varint, receive minus source);
 * then the value. Meters deliver decimals, so a scaled integer is most often the shortest exact form.
 */
export const KIND_NULL = 0;
export const KIND_DOUBLE = 1;
export const KIND_INTEGER = 2;
export const KIND_TENTHS = 3;
export const KIND_HUNDREDTHS = 4;
export const KIND_THOUSANDTHS = 5;
export const KIND_TEXT = 6;
export const KIND_LIST = 7;

export const QUALITY_MASK = 0x07;
export const KIND_SHIFT = 3;
export const OWN_TIME = 0x40;

/** Divisor of the scaled kinds by kind. */
export const DIVISOR = [1, 1, 1, 10, 100, 1000] as const;

/** What a frame is for (IEC 62056-46 §6.4.3). `ns` numbers an I frame, `nr` is the next one its sender expects, both modulo 8. */
export type HdlcControl =
  | { readonly type: 'I'; readonly ns: number; readonly nr: number; readonly pf: boolean }
  | { readonly type: 'RR' | 'RNR'; readonly nr: number; readonly pf: boolean }
  | { readonly type: UnnumberedType; readonly pf: boolean };

type UnnumberedType = 'SNRM' | 'DISC' | 'UA' | 'DM' | 'FRMR' | 'UI';

const POLL_FINAL = 0x10;
const UNNUMBERED: Readonly<Record<UnnumberedType, number>> = {
  SNRM: 0x83,
  DISC: 0x43,
  UA: 0x63,
  DM: 0x0f,
  FRMR: 0x87,
  UI: 0x03,
};
const BY_CODE = new Map(Object.entries(UNNUMBERED).map(([type, code]) => [code, type as UnnumberedType]));

export function encodeControl(control: HdlcControl): number {
  const pf = control.pf ? POLL_FINAL : 0;
  switch (control.type) {
    case 'I':
      return (control.nr << 5) | pf | (control.ns << 1);
    case 'RR':
      return (control.nr << 5) | pf | 1;
    case 'RNR':
      return (control.nr << 5) | pf | 5;
    default:
      return UNNUMBERED[control.type] | pf;
  }
}

/** Undefined for a control that HDLC for DLMS does not know. */
export function decodeControl(byte: number): HdlcControl | undefined {
  const pf = (byte & POLL_FINAL) !== 0;
  const nr = byte >> 5;
  if ((byte & 1) === 0) return { type: 'I', ns: (byte >> 1) & 7, nr, pf };
  const supervisory = byte & 0x0f;
  if (supervisory === 1) return { type: 'RR', nr, pf };
  if (supervisory === 5) return { type: 'RNR', nr, pf };
  const type = BY_CODE.get(byte & ~POLL_FINAL);
  return type === undefined ? undefined : { type, pf };
}

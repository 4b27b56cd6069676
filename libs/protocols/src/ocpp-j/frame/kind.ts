/**
 * Message types by their number (OCPP-J 1.6 §4.2, 2.1 part 4 §4.2): `result-error` is CALLRESULTERROR and `send` is SEND, both new
 * in 2.1.
 */
export const FRAME_KINDS = { 2: 'call', 3: 'result', 4: 'error', 5: 'result-error', 6: 'send' } as const;

export type FrameKind = (typeof FRAME_KINDS)[keyof typeof FRAME_KINDS];

/** What stands before the payload of a frame. */
export interface FrameHead {
  readonly kind: FrameKind;
  /** As text, also where it came as a number: then as the digits were on the wire. */
  readonly id: string;
  /** Of a CALL or SEND; undefined where it is missing or no text. */
  readonly action?: string;
}

export const kindOf = (type: number): FrameKind | undefined =>
  (FRAME_KINDS as Readonly<Record<number, FrameKind | undefined>>)[type];

export const hasAction = (kind: FrameKind): boolean => kind === 'call' || kind === 'send';

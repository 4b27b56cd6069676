/** What two ends can do, by bit of the conformance block, the highest of 24 first (Green Book §9.4.6.1). */
const BITS = [
  'reserved-0',
  'general-protection',
  'general-block-transfer',
  'read',
  'write',
  'unconfirmed-write',
  'delta-value-encoding',
  'reserved-7',
  'attribute0-with-set',
  'priority-mgmt',
  'attribute0-with-get',
  'block-transfer-get-read',
  'block-transfer-set-write',
  'block-transfer-action',
  'multiple-references',
  'information-report',
  'data-notification',
  'access',
  'parameterized-access',
  'get',
  'set',
  'selective-access',
  'event-notification',
  'action',
] as const;

export type Capability = (typeof BITS)[number];

/** 24 bits of capabilities. */
export function conformanceBits(capabilities: Iterable<Capability>): number {
  let bits = 0;
  for (const capability of capabilities) bits |= 1 << (23 - BITS.indexOf(capability));
  return bits;
}

export function capabilities(bits: number): ReadonlySet<Capability> {
  return new Set(BITS.filter((_, i) => (bits & (1 << (23 - i))) !== 0));
}

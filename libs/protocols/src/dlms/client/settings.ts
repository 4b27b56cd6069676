import { SmxError } from '@smx-edge/model';
import { conformanceBits, type Capability } from '../../cosem/index.js';
import type { DlmsClientOptions } from './options.js';

const LN: readonly Capability[] = [
  'general-block-transfer',
  'priority-mgmt',
  'block-transfer-get-read',
  'multiple-references',
  'get',
  'selective-access',
  'action',
];
const SN: readonly Capability[] = ['read', 'block-transfer-get-read', 'multiple-references', 'parameterized-access'];

/** What is proposed, 24 bits. `action` is for the proof of high level authentication alone. */
export function proposedConformance({ conformance, referencing, security }: DlmsClientOptions): number {
  const ciphering = security?.ciphering ?? 'glo';
  const general: Capability[] = ciphering.startsWith('general') ? ['general-protection'] : [];
  return conformanceBits(conformance ?? [...(referencing === 'LN' ? LN : SN), ...general]);
}

/** Whether APDUs of the association are ciphered; keys alone may be there for mechanism 5. */
export function isCiphered({ security }: DlmsClientOptions): boolean {
  return security !== undefined && (security.protection.authenticated || security.protection.encrypted);
}

export function isDatagrams({ transport }: DlmsClientOptions): boolean {
  return transport.framing === 'wrapper' && transport.datagrams === true;
}

/** Whether nothing tells an answer from one to the request before, come twice because it was asked for again. */
export function isBlind({ transport, referencing }: DlmsClientOptions): boolean {
  return referencing === 'SN' && transport.framing === 'hdlc' && transport.lenientSequence === true;
}

/** Throws SMX_PROTOCOL_ENCODE for settings no association can begin with. */
export function checkOptions(options: DlmsClientOptions): void {
  const { authentication, challenge, security, title, referencing } = options;
  if (isDatagrams(options) && referencing === 'SN') refuse('datagrams are for meters of logical names');
  const { mechanism } = authentication;
  if (mechanism >= 2 && (challenge === undefined || challenge.length < 8 || challenge.length > 64))
    refuse(`mechanism ${mechanism} needs a challenge of 8 to 64 bytes`);
  if (mechanism === 5 && security === undefined) refuse('mechanism 5 needs keys');
  if ((mechanism === 5 || mechanism === 6 || isCiphered(options)) && title?.length !== 8)
    refuse('ciphering and mechanisms 5 and 6 need a system title of 8 bytes');
  if (security === undefined) return;
  const { keys, ciphering, dedicatedKey } = security;
  const length = keys.suite === 2 ? 32 : 16;
  for (const key of [keys.block, keys.authentication, dedicatedKey])
    if (key !== undefined && key.length !== length) refuse(`suite ${keys.suite} has keys of ${length} bytes`);
  if ((ciphering === 'ded' || ciphering === 'general-ded') && dedicatedKey === undefined)
    refuse('dedicated ciphering needs a dedicated key');
}

function refuse(why: string): never {
  throw new SmxError('SMX_PROTOCOL_ENCODE', `No association with a meter can begin: ${why}`);
}

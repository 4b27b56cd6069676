import { SmxError, type ErrorCode } from '@smx-edge/model';
import type { AssociationFault, ReadFault } from '@smx-edge/protocols/dlms';

/** An end of an association, with a code and what to do. */
export function faultError(fault: AssociationFault): SmxError {
  const [code, text] = told(fault);
  return new SmxError(code, text);
}

function told(fault: AssociationFault): [ErrorCode, string] {
  switch (fault.why) {
    case 'silent':
      return ['SMX_METER_SILENT', 'The meter does not answer: check cable, speed, address and client'];
    case 'link':
      return fault.by === 'closed'
        ? ['SMX_METER_SILENT', 'The line to the meter was cut']
        : ['SMX_METER_BUSY', `The meter wants no link now (${fault.by}): has another reader one?`];
    case 'wrong-password':
      return ['SMX_METER_REFUSED', 'The meter refused the password: nothing more is tried until the config changes'];
    case 'meter-unproven':
      return ['SMX_METER_REFUSED', 'The meter did not prove that it knows the secret: is it the right meter?'];
    case 'wrong-key':
      return ['SMX_METER_REFUSED', `The keys are not those of the meter (${fault.detail})`];
    case 'forged':
      return ['SMX_PROTOCOL_CIPHER', `Between answers of the meter came what it did not cipher (${fault.detail})`];
    case 'counter-fallen':
      return ['SMX_METER_REFUSED', `The meter has seen a higher counter under these keys${leastText(fault.least)}`];
    case 'meter-counter-fallen':
      return ['SMX_PROTOCOL_CIPHER', `The counter of the meter fell from ${fault.last} to ${fault.counter}: a replay?`];
    case 'not-ciphered':
      return ['SMX_PROTOCOL_CIPHER', 'The meter answered in plain where ciphering was agreed'];
    case 'rejected':
      return fault.permanent
        ? [
            'SMX_METER_REFUSED',
            `The meter refused the association (${fault.source} ${fault.diagnostic}): ${refusal(fault.mechanism)}`,
          ]
        : ['SMX_METER_BUSY', 'The meter takes no association for now'];
    case 'refused':
      return ['SMX_METER_BUSY', `The meter refused the request (${fault.error})`];
    case 'malformed':
      return ['SMX_PROTOCOL_APDU', `What came is no answer of a meter (${fault.detail})`];
  }
}

const MECHANISMS = ['none', 'low', 'that of its maker', 'md5', 'sha1', 'gmac', 'sha256', 'ECDSA'];
/** Those that `auth` has. */
const KNOWN = [0, 1, 3, 4, 5, 6];

function refusal(mechanism: number | undefined): string {
  if (mechanism === undefined) return 'check client, server, referencing and authentication';
  const name = MECHANISMS[mechanism] ?? 'one that has no name';
  return KNOWN.includes(mechanism)
    ? `it wants auth: ${name}`
    : `it wants authentication by mechanism ${mechanism} (${name}), which this reader does not have; ask for another client`;
}

const leastText = (least: number | undefined): string =>
  `; set security.counter ${least === undefined ? 'above it' : `to ${least} or above`}`;

/** A read that brought nothing; the association stands. */
export function readError(fault: ReadFault): SmxError {
  const detail = Object.entries(fault).map(([key, value]) => `${key} ${value}`);
  return new SmxError('SMX_PROTOCOL_APDU', `The meter's answer is not usable: ${detail.join(', ')}`);
}

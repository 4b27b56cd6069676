import { objectAt, objectsAt, textAt, type JsonObject } from '../json.js';

/** What may cut a station off from this box: it is raised, never stopped. */
export type DetachmentCause =
  'authorization-key' | 'security-profile' | 'identity' | 'network-profile' | 'root-certificate';

/** A message of the back end that may detach the station. What it sets is never told: it may be a key. */
export interface Detachment {
  readonly cause: DetachmentCause;
  readonly action: string;
  /** `AuthorizationKey`, `SecurityCtrlr.BasicAuthPassword`; undefined where the action says all. */
  readonly key?: string;
  /** `asked`, then what the station answered; a reboot is still needed in some. */
  readonly stage: 'asked' | 'accepted' | 'refused';
}

/** Keys of ChangeConfiguration (security whitepaper ed.2, A00 and A01; keys are CiStrings). */
const KEYS: Readonly<Record<string, DetachmentCause>> = {
  authorizationkey: 'authorization-key',
  securityprofile: 'security-profile',
  cponame: 'identity',
};

/** Variables of SetVariables, as component.variable (2.0.1 part 2 appendix 3). */
const VARIABLES: Readonly<Record<string, DetachmentCause>> = {
  'securityctrlr.basicauthpassword': 'authorization-key',
  'securityctrlr.securityprofile': 'security-profile',
  'securityctrlr.organizationname': 'identity',
  'securityctrlr.identity': 'identity',
  'ocppcommctrlr.networkconfigurationpriority': 'network-profile',
};

/** Kinds of certificate that say which back end is trusted (1.6 security whitepaper, 2.0.1 part 2 InstallCertificateUseEnumType). */
const ROOTS: readonly string[] = ['CentralSystemRootCertificate', 'CSMSRootCertificate'];

export type AskedDetachment = Omit<Detachment, 'stage'>;

/** What of a CALL of the back end may detach the station; several for a list of variables. */
export function detachmentsOf(action: string, payload: JsonObject): readonly AskedDetachment[] {
  switch (action) {
    case 'ChangeConfiguration':
      return named(KEYS, { action, key: textAt(payload, 'key') });
    case 'SetVariables':
      return objectsAt(payload, 'setVariableData').flatMap((entry) =>
        named(VARIABLES, { action, key: variableOf(entry) }),
      );
    case 'SetNetworkProfile':
      return [{ cause: 'network-profile', action }];
    case 'InstallCertificate': {
      const type = textAt(payload, 'certificateType');
      return type !== undefined && ROOTS.includes(type) ? [{ cause: 'root-certificate', action, key: type }] : [];
    }
    default:
      return [];
  }
}

/** Statuses of an answer that mean that it is done, or will be after a reboot. */
const ACCEPTED: readonly string[] = ['Accepted', 'RebootRequired'];

/** Whether the station took it; for SetVariables by the result of that variable. Undefined where the answer does not say. */
export function tookDetachment({ key }: AskedDetachment, answer: JsonObject): boolean | undefined {
  const result = objectsAt(answer, 'setVariableResult').find((entry) => variableOf(entry) === key);
  const status = result ? textAt(result, 'attributeStatus') : textAt(answer, 'status');
  return status === undefined ? undefined : ACCEPTED.includes(status);
}

const variableOf = (entry: JsonObject): string | undefined => {
  const component = textAt(objectAt(entry, 'component'), 'name');
  const variable = textAt(objectAt(entry, 'variable'), 'name');
  return component !== undefined && variable !== undefined ? `${component}.${variable}` : undefined;
};

function named(
  table: Readonly<Record<string, DetachmentCause>>,
  { action, key }: { action: string; key: string | undefined },
): readonly AskedDetachment[] {
  const cause = key === undefined ? undefined : Object.entries(table).find(([name]) => name === key.toLowerCase())?.[1];
  return cause === undefined || key === undefined ? [] : [{ cause, action, key }];
}

import type { Alarms, Device } from '@smx-edge/extension-api';
import type { Detachment, DetachmentCause } from '@smx-edge/protocols/ocpp-j';

const WHAT: Readonly<Record<DetachmentCause, string>> = {
  'authorization-key': 'sets another password',
  'security-profile': 'sets another security profile',
  identity: 'sets another identity',
  'network-profile': 'sets where the charge point dials',
  'root-certificate': 'installs the certificate by which the charge point knows its back end',
};
const STAGES: Readonly<Record<Exclude<Detachment['stage'], 'refused'>, string>> = {
  asked: 'asked for it',
  accepted: 'the charge point accepted it',
};
const CAUSES = Object.keys(WHAT) as DetachmentCause[];

/** Alarms where the back end tells a charge point what may cut it off from this box. It is passed on all the same. */
export class Detachments {
  constructor(private readonly alarms: Alarms) {}

  tell(device: Device, { cause, action, key, stage }: Detachment): void {
    if (stage === 'refused') {
      this.alarms.set({ device }, codeOf(cause), undefined);
      return;
    }
    const text = `The back end ${WHAT[cause]} (${STAGES[stage]}): the charge point may not come back through this box. Check it after its next restart`;
    const data = { action, ...(key !== undefined && { key }), stage };
    this.alarms.set({ device }, codeOf(cause), { severity: 'alarm', text, data });
  }

  /** It came through this box again. */
  over(device: Device): void {
    for (const cause of CAUSES) this.alarms.set({ device }, codeOf(cause), undefined);
  }
}

const codeOf = (cause: DetachmentCause): string => `detachment.${cause}`;

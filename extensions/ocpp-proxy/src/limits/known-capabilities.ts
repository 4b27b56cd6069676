import { answerOf16, askCapabilities, readCapabilities, type LimitCapabilities, type OcppVersion } from '@smx-edge/protocols/ocpp-j'; // prettier-ignore
import type { InjectionAnswer } from '../relay/circuit.js';
import { payloadOf, type Payload } from './payload.js';

/** What a firmware takes, as it said. */
export interface KeptCapabilities {
  readonly firmware: string;
  readonly version: OcppVersion;
  readonly capabilities: LimitCapabilities;
}

export interface CapabilityDoors {
  kept(): Promise<KeptCapabilities | undefined>;
  keep(known: KeptCapabilities): Promise<void>;
  send(call: { readonly action: string; readonly payload: Payload }): Promise<InjectionAnswer>;
}

/** What a charge point takes of limits: asked once for each firmware, also over restarts of the box. */
export class KnownCapabilities {
  private firmware: string | undefined;
  /** It began without saying with which firmware. */
  private isUnnamed = false;
  private asking: Promise<LimitCapabilities | undefined> | undefined;
  /** How often what was known has become doubtful. */
  private doubts = 0;
  private version: OcppVersion = '1.6';

  constructor(private readonly o: CapabilityDoors) {}

  connected(version: OcppVersion | undefined): void {
    // another version has other capabilities
    if (version !== this.version) this.doubt();
    this.version = version ?? '1.6';
  }

  /** It began with `firmware`; undefined where it does not say: then it is asked anew. True where that is surely another one. */
  booted(firmware: string | undefined): boolean {
    const isOther = this.firmware !== undefined && firmware !== undefined && firmware !== this.firmware;
    // one that says nothing may be any
    if (firmware === undefined || firmware !== this.firmware) this.doubt();
    this.firmware = firmware;
    this.isUnnamed = firmware === undefined;
    return isOther;
  }

  /** Undefined where it did not answer: what it takes is found out by trying, and asked again the next time. */
  async get(): Promise<LimitCapabilities | undefined> {
    for (;;) {
      const { doubts } = this;
      const known = await this.ask();
      // a boot meanwhile: the answer was that of the firmware before
      if (doubts === this.doubts) return known;
    }
  }

  private doubt(): void {
    this.doubts += 1;
    this.asking = undefined;
  }

  private ask(): Promise<LimitCapabilities | undefined> {
    const asking = this.asking ?? this.find(this.version);
    this.asking = asking;
    void asking.then((known) => {
      if (known === undefined && this.asking === asking) this.asking = undefined;
    });
    return asking;
  }

  private async find(version: OcppVersion): Promise<LimitCapabilities | undefined> {
    const { firmware, o } = this;
    const kept = await o.kept();
    // a new firmware boots, and a boot is seen: without one it is still the same
    if (!this.isUnnamed && kept?.version === version && (firmware === undefined || kept.firmware === firmware)) {
      this.firmware ??= kept.firmware;
      return kept.capabilities;
    }
    const answer = await o.send(askCapabilities(version));
    if (answer.status !== 'ok') return undefined;
    const capabilities = readCapabilities(answerOf16(version, payloadOf(answer)));
    if (firmware !== undefined && firmware === this.firmware) await o.keep({ firmware, version, capabilities });
    return capabilities;
  }
}

import type { InstanceState } from '@smx-edge/extension-api';

const KEY = 'loads-consent';

interface KeptConsent {
  readonly version: 1;
  readonly given: boolean;
  /** When it was given or withdrawn, ms UTC. */
  readonly at: number;
}

/**
 * Whether the resident wants appliances to be recognised. No key of the config says it, for an installer writes that; nobody asked is a no.
 */
export class Consent {
  private constructor(
    private readonly state: InstanceState,
    private kept: KeptConsent | undefined,
  ) {}

  static async load(state: InstanceState): Promise<Consent> {
    const kept = await state.get<KeptConsent>(KEY);
    return new Consent(state, kept?.version === 1 ? kept : undefined);
  }

  get isGiven(): boolean {
    return this.kept?.given === true;
  }

  /** When it was last decided, ms UTC; null where nobody did. */
  get at(): number | null {
    return this.kept?.at ?? null;
  }

  /** In force once it is durable. */
  async decide(given: boolean, at: number): Promise<void> {
    const kept: KeptConsent = { version: 1, given, at };
    await this.state.set(KEY, kept);
    this.kept = kept;
  }
}

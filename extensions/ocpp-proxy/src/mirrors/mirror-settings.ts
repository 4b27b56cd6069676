import { SmxError } from '@smx-edge/model';

/** A secondary back end as the operator writes it. */
export interface MirrorConfig {
  readonly url: string;
  /** Password, or `user:password`; the user is else the identity. */
  readonly auth?: string;
  readonly calls?: readonly string[];
  readonly 'transaction-map'?: boolean;
  readonly append?: boolean;
  /** Identities at this back end, by own identity. */
  readonly ids?: Readonly<Record<string, string>>;
  /** The charge points that it sees; all where not given. */
  readonly stations?: readonly string[];
}

export interface MirrorSettings {
  /** Place in the config, for what is kept. */
  readonly index: number;
  readonly url: string;
  readonly append: boolean;
  readonly auth: string | undefined;
  readonly calls: ReadonlySet<string>;
  readonly mapsTransactions: boolean;
  readonly idOf: (identity: string) => string;
  readonly sees: (identity: string) => boolean;
}

/** What a second asker does no harm with. */
const SHARED = new Set([
  ...['GetConfiguration', 'GetCompositeSchedule', 'TriggerMessage', 'ExtendedTriggerMessage', 'GetLocalListVersion'],
  ...[
    'GetVariables',
    'GetBaseReport',
    'GetReport',
    'GetMonitoringReport',
    'GetChargingProfiles',
    'GetTransactionStatus',
  ],
  ...['GetInstalledCertificateIds', 'GetDiagnostics', 'GetLog'],
]);
/** What one back end may have besides the one that bills. */
const FOR_ONE = new Set(['SetChargingProfile', 'ClearChargingProfile']);

/** Throws SMX_EXTENSION_CONFIG where two back ends would command the same. */
export function mirrorSettingsOf(configs: readonly MirrorConfig[] = []): MirrorSettings[] {
  const taken = new Map<string, string>();
  for (const { url, calls = [] } of configs)
    for (const action of calls.filter((action) => !SHARED.has(action))) {
      if (!FOR_ONE.has(action))
        throw refused(`mirrors: ${action} of ${url}: only the back end itself may send it; take it out of calls`);
      const other = taken.get(action);
      if (other !== undefined)
        throw refused(`mirrors: ${action} is sent by ${other} and by ${url}; give it to one of them`);
      taken.set(action, url);
    }
  return configs.map((config, index) => ({
    index,
    url: config.url,
    append: config.append ?? true,
    auth: config.auth,
    calls: new Set(config.calls),
    mapsTransactions: config['transaction-map'] ?? false,
    idOf: (identity) => (config.ids && Object.hasOwn(config.ids, identity) ? config.ids[identity]! : identity),
    sees: (identity) => config.stations?.includes(identity) ?? true,
  }));
}

/** Its own header: that of the charge point is nobody else's. */
export function authorizationOf({ auth, idOf }: MirrorSettings, identity: string): string | undefined {
  if (auth === undefined) return undefined;
  const pair = auth.includes(':') ? auth : `${idOf(identity)}:${auth}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

const refused = (what: string): SmxError => new SmxError('SMX_EXTENSION_CONFIG', what);

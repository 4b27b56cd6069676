export interface Setting {
  readonly value: string;
  readonly isReadonly?: boolean;
  /** Can be set and is never told. */
  readonly isSecret?: boolean;
  /** Where 2.0.1 has it (part 2 appendices): component and variable. */
  readonly variable?: readonly [string, string];
}

/** Configuration of a station by its keys of 1.6 (ed.2 chapter 9, security whitepaper ed.2), shared by all of them. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  AllowOfflineTxForUnknownId: { value: 'false', variable: ['AuthCtrlr', 'OfflineTxForUnknownIdEnabled'] },
  AuthorizationKey: { value: '', isSecret: true, variable: ['SecurityCtrlr', 'BasicAuthPassword'] },
  AuthorizeRemoteTxRequests: { value: 'false', variable: ['AuthCtrlr', 'AuthorizeRemoteStart'] },
  ChargeProfileMaxStackLevel: { value: '8', isReadonly: true, variable: ['SmartChargingCtrlr', 'ProfileStackLevel'] },
  ChargingScheduleAllowedChargingRateUnit: { value: 'Current,Power', isReadonly: true, variable: ['SmartChargingCtrlr', 'RateUnit'] }, // prettier-ignore
  ChargingScheduleMaxPeriods: { value: '24', isReadonly: true, variable: ['SmartChargingCtrlr', 'PeriodsPerSchedule'] },
  ConnectorSwitch3to1PhaseSupported: { value: 'true', isReadonly: true, variable: ['SmartChargingCtrlr', 'Phases3to1'] }, // prettier-ignore
  HeartbeatInterval: { value: '300', variable: ['OCPPCommCtrlr', 'HeartbeatInterval'] },
  LocalAuthListEnabled: { value: 'false', variable: ['LocalAuthListCtrlr', 'Enabled'] },
  LocalAuthorizeOffline: { value: 'true', variable: ['AuthCtrlr', 'LocalAuthorizeOffline'] },
  LocalPreAuthorize: { value: 'false', variable: ['AuthCtrlr', 'LocalPreAuthorize'] },
  MaxChargingProfilesInstalled: { value: '10', isReadonly: true, variable: ['SmartChargingCtrlr', 'Entries'] },
  MeterValueSampleInterval: { value: '60', variable: ['SampledDataCtrlr', 'TxUpdatedInterval'] },
  NumberOfConnectors: { value: '1', isReadonly: true },
  SecurityProfile: { value: '1', isReadonly: true, variable: ['SecurityCtrlr', 'SecurityProfile'] },
  StopTransactionOnInvalidId: { value: 'true', variable: ['TxCtrlr', 'StopTxOnInvalidId'] },
  SupportedFeatureProfiles: { value: 'Core,SmartCharging,RemoteTrigger', isReadonly: true },
  TransactionMessageAttempts: { value: '3', variable: ['OCPPCommCtrlr', 'MessageAttempts'] },
  TransactionMessageRetryInterval: { value: '5', variable: ['OCPPCommCtrlr', 'MessageAttemptInterval'] },
  WebSocketPingInterval: { value: '0', variable: ['OCPPCommCtrlr', 'WebSocketPingInterval'] },
};

/** The settings of one station: what was changed, over what all have. */
export class Settings {
  private readonly changed = new Map<string, string>();

  constructor(initial: Readonly<Record<string, string>> = {}) {
    for (const [key, value] of Object.entries(initial)) this.changed.set(key, value);
  }

  get keys(): readonly string[] {
    return Object.keys(SETTINGS);
  }

  /** Undefined = it has no such key. */
  find(key: string): Setting | undefined {
    if (!Object.hasOwn(SETTINGS, key)) return undefined;
    const setting = SETTINGS[key]!;
    return { ...setting, value: this.changed.get(key) ?? setting.value };
  }

  keyOf(component: string, variable: string): string | undefined {
    return this.keys.find((key) => SETTINGS[key]!.variable?.[0] === component && SETTINGS[key]!.variable[1] === variable); // prettier-ignore
  }

  text(key: string): string {
    return this.find(key)?.value ?? '';
  }

  number(key: string): number {
    const value = Number(this.text(key));
    return Number.isFinite(value) && value >= 0 ? value : 0;
  }

  is(key: string): boolean {
    return this.text(key).toLowerCase() === 'true';
  }

  /** As the station's owner or maker does, whoever may. */
  put(key: string, value: string): void {
    this.changed.set(key, value);
  }

  /** By the back end; a number must stay one. */
  change(key: string, value: string): 'Accepted' | 'Rejected' | 'NotSupported' {
    const setting = this.find(key);
    if (setting === undefined) return 'NotSupported';
    const isNumber = /^\d+$/.test(setting.value);
    const isFlag = /^(true|false)$/i.test(setting.value);
    if (setting.isReadonly === true || (isNumber && !/^\d+$/.test(value)) || (isFlag && !/^(true|false)$/i.test(value))) return 'Rejected'; // prettier-ignore
    this.changed.set(key, value);
    return 'Accepted';
  }
}

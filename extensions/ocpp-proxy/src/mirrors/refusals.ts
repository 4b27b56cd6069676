import type { OcppVersion } from '@smx-edge/protocols/ocpp-j';

type Answer = Readonly<Record<string, unknown>>;

const REJECTED: Answer = { status: 'Rejected' };

/** What says no in both: the response schemas of OCPP 1.6 with its security extension (2nd ed.), 2.0.1 and 2.1. */
const BOTH: Readonly<Record<string, Answer>> = {
  ChangeAvailability: REJECTED,
  Reset: REJECTED,
  ClearCache: REJECTED,
  ReserveNow: REJECTED,
  CancelReservation: REJECTED,
  SetChargingProfile: REJECTED,
  GetCompositeSchedule: REJECTED,
  TriggerMessage: REJECTED,
  DataTransfer: REJECTED,
  CertificateSigned: REJECTED,
  InstallCertificate: REJECTED,
  GetLog: REJECTED,
  ClearChargingProfile: { status: 'Unknown' },
  SendLocalList: { status: 'Failed' },
  DeleteCertificate: { status: 'Failed' },
  GetInstalledCertificateIds: { status: 'NotFound' },
};

const OF_1_6: Readonly<Record<string, Answer>> = {
  ...BOTH,
  ChangeConfiguration: REJECTED,
  RemoteStartTransaction: REJECTED,
  RemoteStopTransaction: REJECTED,
  ExtendedTriggerMessage: REJECTED,
  SignedUpdateFirmware: REJECTED,
  UnlockConnector: { status: 'NotSupported' },
  // 1.6 ed.2 §5.10: lists are not supported
  GetLocalListVersion: { listVersion: -1 },
  // §6.26: no file name, nothing is uploaded
  GetDiagnostics: {},
};

const OF_2: Readonly<Record<string, Answer>> = {
  ...BOTH,
  RequestStartTransaction: REJECTED,
  RequestStopTransaction: REJECTED,
  GetBaseReport: REJECTED,
  GetReport: REJECTED,
  GetMonitoringReport: REJECTED,
  SetMonitoringBase: REJECTED,
  SetMonitoringLevel: REJECTED,
  SetNetworkProfile: REJECTED,
  SetDisplayMessage: REJECTED,
  CustomerInformation: REJECTED,
  UpdateFirmware: REJECTED,
  PublishFirmware: REJECTED,
  UnpublishFirmware: { status: 'NoFirmware' },
  UnlockConnector: { status: 'UnlockFailed' },
  ClearDisplayMessage: { status: 'Unknown' },
  GetDisplayMessages: { status: 'Unknown' },
  GetChargingProfiles: { status: 'NoProfiles' },
};

/** By version; what is not here has no answer that says no. */
export const REFUSALS: Readonly<Record<OcppVersion, Readonly<Record<string, Answer>>>> = {
  '1.6': OF_1_6,
  '2.0.1': OF_2,
  '2.1': OF_2,
};

/** The text of the answer to a CALL that does not reach the charge point. */
export function refusalFrame(version: OcppVersion | undefined, id: string, action: string): string {
  const answers = version === undefined ? {} : REFUSALS[version];
  if (Object.hasOwn(answers, action)) return JSON.stringify([3, id, answers[action]]);
  return JSON.stringify([4, id, 'NotSupported', 'this back end is given a copy only', {}]);
}

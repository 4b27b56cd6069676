import type { FrameHead } from '@smx-edge/protocols/ocpp-j';

/**
 * What becomes of a message while a mirror is away or slow. `durable`: kept until the mirror answered, also over a restart;
 * `latest`: the newest of its kind and connector is kept; `droppable` and `live`: only for a mirror that is there, for they say
 * nothing later.
 */
export type MessageClass = 'durable' | 'latest' | 'droppable' | 'live';

const BY_ACTION: Readonly<Record<string, MessageClass>> = {
  StartTransaction: 'durable',
  StopTransaction: 'durable',
  TransactionEvent: 'durable',
  SecurityEventNotification: 'durable',
  BootNotification: 'latest',
  StatusNotification: 'latest',
  FirmwareStatusNotification: 'latest',
  DiagnosticsStatusNotification: 'latest',
  LogStatusNotification: 'latest',
  Authorize: 'live',
  DataTransfer: 'live',
  SignCertificate: 'live',
  Get15118EVCertificate: 'live',
  GetCertificateStatus: 'live',
};

export function messageClassOf({ action = '' }: FrameHead, data: Buffer): MessageClass {
  if (action === 'MeterValues') return data.includes('"transactionId"') ? 'durable' : 'droppable';
  return Object.hasOwn(BY_ACTION, action) ? BY_ACTION[action]! : 'droppable';
}

/** What a `latest` message takes the place of: the last one of the same action, and of the same connector or EVSE. */
export function latestKeyOf({ action = '' }: FrameHead, data: Buffer): string {
  const places = data.toString('latin1').match(/"(?:connectorId|evseId)"\s*:\s*\d+/g) ?? [];
  return [action, ...places.map((place) => place.replaceAll(/\s/g, '')).sort()].join(' ');
}

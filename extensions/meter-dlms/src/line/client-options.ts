import { randomBytes } from 'node:crypto';
import type { Authentication, ClientTransport, DlmsClientOptions } from '@smx-edge/protocols/dlms';
import type { MeterProfile } from '../profile/meter-profile.js';
import type { MeterSettings } from '../settings.js';

const MECHANISM = { md5: 3, sha1: 4, sha256: 6 } as const;
const CHALLENGE = 16;

/** How a meter is associated with. */
export function clientOptions(
  { profile, datagrams, secret = new Uint8Array(0), security, title }: MeterSettings,
  counter: { next(): number },
  heard?: { readonly title: Uint8Array; readonly counter: number },
): DlmsClientOptions {
  return {
    transport: transportOf(profile, datagrams),
    referencing: profile.referencing === 'ln' ? 'LN' : 'SN',
    authentication: authenticationOf(profile, secret),
    challenge: randomBytes(CHALLENGE),
    shortTag: profile.shortTag,
    longestList: profile.list,
    title,
    ...(security !== undefined && {
      security: {
        ...{ keys: security.keys, protection: security.protection, counter },
        ...(heard && { meterCounter: heard.counter }),
      },
      ...(heard && { meterTitle: heard.title }),
    }),
  };
}

function transportOf(
  { transport, client, server, physical, addressBytes, information, window, lenientSequence }: MeterProfile,
  datagrams: boolean,
): ClientTransport {
  if (transport === 'wrapper') return { framing: 'wrapper', client, server, datagrams };
  return {
    framing: 'hdlc',
    client,
    server: { upper: server, ...(physical !== undefined && { lower: physical }) },
    ...(addressBytes !== undefined && { serverSize: addressBytes }),
    limits: { infoTransmit: information, infoReceive: information, windowTransmit: window, windowReceive: window },
    lenientSequence,
  };
}

function authenticationOf({ auth }: MeterProfile, secret: Uint8Array): Authentication {
  switch (auth) {
    case 'none':
      return { mechanism: 0 };
    case 'low':
      return { mechanism: 1, password: secret };
    case 'gmac':
      return { mechanism: 5 };
    case 'md5':
    case 'sha1':
    case 'sha256':
      return { mechanism: MECHANISM[auth], secret };
  }
}

import type { Capability, CipherKeys, Ciphering, Protection } from '../../cosem/index.js';
import type { ClientLinkOptions } from '../../hdlc/index.js';

/** How a client proves itself (Green Book §9.2.2.2); mechanisms as in `Mechanism` of cosem. */
export type Authentication =
  | { readonly mechanism: 0 }
  /** LLS: the password as its bytes. */
  | { readonly mechanism: 1; readonly password: Uint8Array }
  | {
      readonly mechanism: 2 | 3 | 4 | 6;
      readonly secret: Uint8Array;
      /** Of mechanism 2, see `HlsExchange`. */
      readonly maker?: (challenge: Uint8Array, secret: Uint8Array) => Uint8Array;
    }
  /** GMAC, under the keys of `security`. */
  | { readonly mechanism: 5 };

export interface ClientSecurity {
  /** Global keys. */
  readonly keys: CipherKeys;
  /** What every request carries, and every answer must. */
  readonly protection: Protection;
  /** Default `glo`; of the dedicated forms `dedicatedKey` is wanted. */
  readonly ciphering?: Ciphering;
  /** As long as the global key; made anew for each association. */
  readonly dedicatedKey?: Uint8Array;
  /** Invocation counters of this client, each given once over all restarts. */
  readonly counter: { next(): number };
  /** The last counter of the meter that was seen; what is not above it is refused. */
  readonly meterCounter?: number;
}

export type ClientTransport =
  | ({ readonly framing: 'hdlc' } & ClientLinkOptions & {
        /** DISC before SNRM, so that a meter lets go of a link that was cut. Default true. */
        readonly letGo?: boolean;
      })
  /** TCP or UDP (IEC 62056-47): wPorts of client and logical device. */
  | {
      readonly framing: 'wrapper';
      readonly client: number;
      readonly server: number;
      /**
       * UDP, where each piece that is received is a datagram: what is lost is asked for again, and what comes twice is taken once.
       * By logical names only: answers by short names have no number by which a late one could be told.
       */
      readonly datagrams?: boolean;
    };

export interface DlmsClientOptions {
  readonly transport: ClientTransport;
  readonly referencing: 'LN' | 'SN';
  readonly authentication: Authentication;
  readonly security?: ClientSecurity;
  /** System title of the client, 8 bytes; wanted by ciphering and by mechanisms 5 and 6. */
  readonly title?: Uint8Array;
  /** Of the meter, where its AARE does not tell it. */
  readonly meterTitle?: Uint8Array;
  /** Of mechanisms 2 to 6: 8 to 64 random bytes, new for each association. With datagrams the first request is numbered by it. */
  readonly challenge?: Uint8Array;
  /** What is proposed; default what this client can do. */
  readonly conformance?: readonly Capability[];
  /** Longest PDU proposed, bytes; default 65535. What meters send above it is taken. */
  readonly maxPdu?: number;
  /** The conformance block with the short tag, for meters of Landis+Gyr. */
  readonly shortTag?: boolean;
  /** Most attributes in one request; default 32, and never more than the meter's PDU takes. */
  readonly longestList?: number;
  /** Most bytes of one answer in blocks; default 1 MiB. */
  readonly longestAnswer?: number;
  /**
   * Silences in a row until the meter counts as silent; default 3 (HDLC asks again in between), with datagrams 2. None while a
   * meter of short names is read with `lenientSequence`.
   */
  readonly silences?: number;
}

import {
  ByteWriter,
  capabilities,
  decodeApdu,
  encodeAarq,
  encodeHlsReply,
  encodeSnHlsReply,
  hlsProof,
  hlsProves,
  writeInitiateRequest,
  type Aare,
  type Apdu,
  type GetResult,
  type HlsExchange,
} from '../../cosem/index.js';
import { errorText, protectionFault, tried } from '../fault.js';
import type { ApduCipher } from '../cipher.js';
import type { DlmsClientOptions } from './options.js';
import { proposedConformance } from './settings.js';
import type { Agreement, AssociationFault } from './step.js';

const SHORTEST_CHALLENGE = 8;
const AUTHENTICATION_FAILED = 13;

export type SignOnOutcome =
  { readonly send: Uint8Array } | { readonly agreement: Agreement } | { readonly fault: AssociationFault };

const failed = (fault: AssociationFault): { readonly fault: AssociationFault } => ({ fault });
const malformed = (detail: string): { readonly fault: AssociationFault } => failed({ why: 'malformed', detail });
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** AARQ and AARE, and for mechanisms 2 to 6 the proofs of both sides (Green Book §9.2.7.4). APDUs in plain. */
export class SignOn {
  private agreement: Agreement | undefined;
  private exchange: HlsExchange | undefined;

  constructor(
    private readonly options: DlmsClientOptions,
    private readonly cipher: ApduCipher | undefined,
  ) {}

  /** Whether it is what a datagram that came twice leads to, once the AARE is here and the proof of the meter is not. */
  isOfDouble(apdu: Apdu): boolean {
    const { exchange } = this;
    if (exchange === undefined) return false;
    if (apdu.apdu === 'exception-response') return protectionFault(apdu)?.why === 'counter-fallen';
    return apdu.apdu === 'aare' && apdu.authentication !== undefined && same(apdu.authentication, exchange.stoc);
  }

  /** The AARQ, never to be protected as a whole. */
  begin(): Uint8Array {
    const { authentication, challenge, title, referencing, maxPdu = 0xffff, shortTag, security } = this.options;
    const { mechanism } = authentication;
    const writer = new ByteWriter();
    const dedicatedKey = this.cipher === undefined ? undefined : security?.dedicatedKey;
    writeInitiateRequest(writer, {
      ...{ conformance: proposedConformance(this.options), maxPdu },
      ...(shortTag === undefined ? {} : { shortTag }),
      ...(dedicatedKey === undefined ? {} : { dedicatedKey }),
    });
    const initiate = writer.done();
    const shown = authentication.mechanism === 1 ? authentication.password : challenge;
    return encodeAarq({
      apdu: 'aarq',
      context: this.cipher === undefined ? referencing : `${referencing}_CIPHERED`,
      ...(title === undefined ? {} : { title }),
      ...(mechanism === 0 ? {} : { mechanism }),
      ...(mechanism === 0 || shown === undefined ? {} : { authentication: shown }),
      userInformation: this.cipher?.protectInitiate(initiate) ?? initiate,
    });
  }

  /** Takes what the meter answers. */
  take(apdu: Apdu): SignOnOutcome {
    if (apdu.apdu === 'exception-response' || apdu.apdu === 'confirmed-service-error')
      return failed(protectionFault(apdu) ?? { why: 'refused', error: errorText(apdu) });
    if (this.exchange !== undefined) return this.proven(apdu, this.exchange);
    return apdu.apdu === 'aare' ? this.accepted(apdu) : malformed(`${apdu.apdu} in place of an AARE`);
  }

  private accepted(aare: Aare): SignOnOutcome {
    const { result, source, diagnostic, mechanism } = aare;
    const wanted = mechanism === this.options.authentication.mechanism ? undefined : mechanism;
    if (result !== 0 || (wanted !== undefined && this.options.authentication.mechanism >= 2)) {
      if (source === 'user' && diagnostic === AUTHENTICATION_FAILED) return failed({ why: 'wrong-password' });
      const permanent = result !== 2;
      return failed({ why: 'rejected', permanent, source, diagnostic, ...(wanted === undefined ? {} : { mechanism: wanted }) }); // prettier-ignore
    }
    const title = aare.title ?? this.options.meterTitle;
    this.cipher?.meet(title);
    const agreed = this.agreed(aare.userInformation, title);
    if ('fault' in agreed) return agreed;
    this.agreement = agreed.agreement;
    return this.options.authentication.mechanism < 2 ? agreed : this.prove(aare, title);
  }

  private agreed(
    information: Uint8Array | undefined,
    title: Uint8Array | undefined,
  ): { readonly agreement: Agreement } | { readonly fault: AssociationFault } {
    if (information === undefined) return malformed('an AARE without what was agreed');
    const opened = this.cipher?.open(information) ?? { plain: information };
    if ('fault' in opened) return opened;
    const initiate = tried('SMX_PROTOCOL_APDU', () => decodeApdu(opened.plain));
    if (initiate instanceof Error) return malformed(initiate.message);
    if (initiate.apdu === 'confirmed-service-error') return failed({ why: 'refused', error: errorText(initiate) });
    if (initiate.apdu !== 'initiate-response') return malformed(`${initiate.apdu} within an AARE`);
    const { conformance, maxPdu, vaaName } = initiate;
    // what was not proposed is not used, whatever the meter says
    const both = conformance & proposedConformance(this.options);
    return {
      agreement: { conformance: capabilities(both), maxPdu, vaaName, ...(title === undefined ? {} : { title }) },
    };
  }

  private prove(aare: Aare, title: Uint8Array | undefined): SignOnOutcome {
    const { authentication, challenge: ctos = new Uint8Array(0), title: clientTitle, security } = this.options;
    const { mechanism } = authentication;
    const stoc = aare.authentication;
    if (aare.mechanism !== mechanism || stoc === undefined || stoc.length < SHORTEST_CHALLENGE)
      return malformed(`an AARE without the challenge of mechanism ${mechanism}`);
    // its own challenge come back would have the client write the meter's proof
    if (same(stoc, ctos)) return failed({ why: 'meter-unproven' });
    if ((mechanism === 5 || mechanism === 6) && title?.length !== 8)
      return malformed('an AARE without the system title of the meter');
    this.exchange = {
      ...{ mechanism, ctos, stoc },
      ...(clientTitle === undefined ? {} : { clientTitle }),
      ...(title === undefined ? {} : { serverTitle: title }),
      ...('secret' in authentication ? { secret: authentication.secret } : {}),
      ...('maker' in authentication ? { maker: authentication.maker } : {}),
      ...(security === undefined ? {} : { keys: security.keys }),
    };
    const proof = hlsProof(
      this.exchange,
      'client',
      mechanism === 5 && security !== undefined ? security.counter.next() : 0,
    );
    return { send: this.options.referencing === 'LN' ? encodeHlsReply(proof) : encodeSnHlsReply(proof) };
  }

  private proven(apdu: Apdu, exchange: HlsExchange): SignOnOutcome {
    let answer: GetResult | undefined;
    if (apdu.apdu === 'action-response') {
      if (apdu.result !== 0) return failed({ why: 'wrong-password' });
      answer = apdu.returned;
    } else if (apdu.apdu === 'read-response') {
      const [first] = apdu.list;
      answer = first !== undefined && ('data' in first || 'error' in first) ? first : undefined;
    } else return malformed(`${apdu.apdu} in place of the meter's proof`);
    if (answer !== undefined && 'error' in answer) return failed({ why: 'wrong-password' });
    const proof = answer?.data.type === 'octet-string' ? answer.data.value : undefined;
    if (proof === undefined || !hlsProves(exchange, 'server', proof)) return failed({ why: 'meter-unproven' });
    return { agreement: this.agreement! };
  }
}

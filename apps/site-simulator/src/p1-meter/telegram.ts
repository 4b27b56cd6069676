import { encodeTelegram, encryptFrame, type EncodableObject } from '@smx-edge/protocols/p1';
import type { House } from '../house/index.js';
import { belgian } from './belgian.js';
import { dutch, dutchThree, dutchTwo } from './dutch.js';
import { hungarian, lithuanian, swiss } from './eastern.js';
import { luxembourg, swedish } from './foreign.js';
import type { Source } from './objects.js';
import type { P1Version } from './versions.js';

export interface TelegramOptions {
  readonly version: P1Version;
  /** Equipment ids as printed on the meters. */
  readonly serial: string;
  readonly gasSerial: string;
  readonly waterSerial?: string;
  /** Meter's clock minus true time, ms. Default 0. */
  readonly clock?: number;
  /** Encrypts the telegram under this AES-128 key, as meters in Luxembourg and Austria do. */
  readonly key?: Uint8Array;
}

/** System title of the virtual meter: maker and number. */
const TITLE = Buffer.from('534d580000000001', 'hex');

/** The telegram a meter of this version would send for the house as it is now. */
export function houseTelegram(house: House, options: TelegramOptions): Uint8Array {
  const { version, serial, gasSerial, waterSerial = '8SAG0042000017', clock = 0, key } = options;
  const plain = telegram({ house, serial, gasSerial, waterSerial, clock }, version);
  // the counter rises with each second, also over a restart
  return key === undefined
    ? plain
    : encryptFrame(plain, { key, title: TITLE, counter: Math.floor(house.t / 1000) % 2 ** 32 });
}

function telegram(source: Source, version: P1Version): Uint8Array {
  switch (version) {
    case 'dsmr-2.2':
      return encodeTelegram({ ident: 'KMP5 ZABF001587315111', objects: dutchTwo(source), crc: false });
    case 'dsmr-3.0':
      return encodeTelegram({ ident: 'ISk5\\2MT382-1000', objects: dutchThree(source), crc: false });
    case 'dsmr-4.2':
      return signed('KFM5KAIFA-METER', dutch(source, false));
    case 'dsmr-5.0.2':
      return signed('ISK5\\2M550T-1012', dutch(source, true));
    case 'emucs-1.3':
      return signed('FLU5\\253769484_A', belgian(source, '1.3'));
    case 'emucs-1.4':
      return signed('FLU5\\253769484_A', belgian(source, '1.4'));
    case 'emucs-1.5':
      return signed('FLU5\\253769484_A', belgian(source, '1.5'));
    case 'emucs-1.6':
      return signed('FLU5\\253769484_A', belgian(source, '1.6'));
    case 'emucs-1.7.1':
      return signed('FLU5\\253770234_A', belgian(source, '1.7.1'));
    case 'emucs-2.1':
      return signed('FLU5\\253770234_A', belgian(source, '2.1'));
    case 'luxembourg':
      return signed('Lux5\\253694471_M', luxembourg(source));
    case 'sweden':
      return signed('ELL5\\253833635_A', swedish(source));
    case 'hungary':
      return signed('SAG5SAG-METER', hungarian(source));
    case 'switzerland':
      return signed('ISk5\\2MIE5T-200', swiss(source));
    case 'lithuania':
      return signed('ESO5\\SMX0000001', lithuanian(source));
  }
}

const signed = (ident: string, objects: readonly EncodableObject[]): Uint8Array => encodeTelegram({ ident, objects });

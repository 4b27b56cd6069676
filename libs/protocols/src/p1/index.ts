export { DEFAULT_AAD, encryptFrame, parseAad, parseKey, type EncryptOptions } from './cipher.js';
export { crc16, crcText } from './crc16.js';
export * from './encoder.js';
export { formatLocalTst, formatTst } from './tst.js';

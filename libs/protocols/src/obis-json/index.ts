export { decodeObisJson, type ObisMessage, type ObisReading } from './decode.js';

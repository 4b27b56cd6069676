import { createRequire } from 'node:module';

/** Small buffers of one kind side by side, so that keeping them keeps nothing else. */
const SLAB = 4096;

/** Encoder of a Variable Byte Integer (MQTT 5.0 clause 1.5.5), 0 to 268,435,455. */
export function variableByteIntegers(): (n: number) => Buffer {
  let slab = Buffer.alloc(0);
  let end = 0;
  return (n) => {
    if (end + 4 > slab.length) {
      slab = Buffer.from(new ArrayBuffer(SLAB));
      end = 0;
    }
    const start = end;
    let rest = n;
    do {
      slab[end++] = (rest % 128) | (rest > 127 ? 128 : 0);
      rest = Math.floor(rest / 128);
    } while (rest > 0);
    return slab.subarray(start, end);
  };
}

interface PacketNumbers {
  genBufVariableByteInt: (n: number) => Buffer;
}

// `mqtt-packet` keeps a buffer of each length it ever wrote; cut from Node's common pool each holds 8 KiB, 130 MB in the
// end. It takes the function when it is loaded: all that loads it imports this module first.
const load = createRequire(__filename);
(load('mqtt-packet/numbers') as PacketNumbers).genBufVariableByteInt = variableByteIntegers();
// otherwise a buffer for each of 65,536 packet identifiers is kept: 15 MB
(load('mqtt-packet') as typeof import('mqtt-packet')).writeToStream.cacheNumbers = false;

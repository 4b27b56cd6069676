import type { ErrorEntry } from './entry.js';

export const PROTOCOL_ERRORS = {
  SMX_PROTOCOL_APDU: {
    class: 'retryable',
    status: 502,
    help: 'What a meter sent is not what its standard lets stand there; nothing of it was taken. It is asked again.',
  },
  SMX_PROTOCOL_BLOCK: {
    class: 'retryable',
    status: 502,
    help: 'A data block of a meter came damaged, too long, or with what its standard does not let stand there; nothing of it was taken. It is asked again.',
  },
  SMX_PROTOCOL_CIPHER: {
    class: 'security',
    status: 502,
    help: 'A ciphered APDU of a meter was not taken: its tag, suite, protection or counter is wrong. Check the keys and the system title.',
  },
  SMX_PROTOCOL_ENCODE: {
    class: 'permanent',
    status: 500,
    help: 'A value does not fit the field of the frame that should carry it.',
  },
  SMX_PROTOCOL_KEY: {
    class: 'config',
    status: 400,
    help: 'A key or authentication data is not hexadecimal of the right length.',
  },
} as const satisfies Record<string, ErrorEntry>;

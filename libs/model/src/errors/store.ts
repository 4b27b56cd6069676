import type { ErrorEntry } from './entry.js';

export const STORE_ERRORS = {
  SMX_STORE_LOCKED: {
    class: 'config',
    status: 500,
    help: 'Another core runs on this data folder; stop it or choose another `data:`.',
  },
  SMX_STORE_FOLDER: {
    class: 'config',
    status: 500,
    help: 'The data folder cannot be created or written, or is gone; check path, rights and mount.',
  },
  SMX_STORE_DAMAGED: {
    class: 'permanent',
    status: 500,
    help: 'A file of the store is damaged; it is set aside and what is sound in it comes back. Events say what is gone.',
  },
  SMX_STORE_FAILED: {
    class: 'retryable',
    status: 503,
    help: 'The store could not write; check free space and the card.',
  },
  SMX_STORE_FULL: {
    class: 'retryable',
    status: 503,
    help: 'The disk is full; free space, or lower `history.budget`. What waits is written once there is room.',
  },
  SMX_STORE_QUOTA: {
    class: 'permanent',
    status: 500,
    help: 'Samples and windows take 80 % of `history.budget`, or of what the disk has for them; soon the oldest go before their age.',
  },
  SMX_STORE_READONLY: {
    class: 'retryable',
    status: 503,
    help: 'The disk takes no writes, as after an error of a card; check it and mount it again. The core goes on by itself.',
  },
  SMX_STORE_VALUE: {
    class: 'permanent',
    status: 400,
    help: 'The value is not JSON or larger than the store keeps; the message names it.',
  },
  SMX_STORE_GAP: { class: 'permanent', status: 500, help: 'Samples are missing; the event says which and why.' },
  SMX_STORE_KEY: {
    class: 'security',
    status: 500,
    help: 'The device key is another one than before; what was signed earlier verifies with the earlier key only.',
  },
  SMX_LEDGER_BROKEN: {
    class: 'security',
    status: 500,
    help: 'The hash chain of the ledger does not verify; the message names the first bad entry.',
  },
} as const satisfies Record<string, ErrorEntry>;

import type { ErrorEntry } from './entry.js';

export const MQTT_ERRORS = {
  SMX_MQTT_TOPIC: {
    class: 'permanent',
    status: 400,
    help: 'An extension names an MQTT topic or filter that cannot be; the message has it. A topic has neither + nor #, in a filter they stand alone in their segment.',
  },
} as const satisfies Record<string, ErrorEntry>;

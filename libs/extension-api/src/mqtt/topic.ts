import { SmxError } from '@smx-edge/model';

const LONGEST = 65_535;

/** Throws SMX_MQTT_TOPIC for a topic to which nothing can be published (OASIS MQTT 3.1.1 §4.7). */
export function checkTopic(topic: string): void {
  if (isText(topic) && !/[+#]/.test(topic)) return;
  throw new SmxError('SMX_MQTT_TOPIC', `"${topic.slice(0, 100)}" is no topic: expected a text without +, # and NUL`);
}

/** Throws SMX_MQTT_TOPIC for a filter that no broker takes. */
export function checkFilter(filter: string): void {
  const segments = filter.split('/');
  const isPlaced = segments.every(
    (segment, i) => !/[+#]/.test(segment) || segment === '+' || (segment === '#' && i === segments.length - 1),
  );
  if (isText(filter) && isPlaced) return;
  throw new SmxError(
    'SMX_MQTT_TOPIC',
    `"${filter.slice(0, 100)}" is no topic filter: + and # stand alone in their segment, # only at the end`,
  );
}

function isText(topic: string): boolean {
  return topic !== '' && !topic.includes('\0') && Buffer.byteLength(topic) <= LONGEST;
}

/** Topic filters outside the point tree: calls, load profiles, topics of devices that speak MQTT (MQTT 3.1.1 §4.7). */

// the platform's own topics and the broker's are never a device's
const OWN_TREE = /^(smx\/|smx$|\$)/;
// MQTT 3.1.1 §1.5.3 forbids U+0000 and advises against the other controls
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Why `filter` is no legal topic filter, or undefined where it is one. */
export function topicFault(filter: string): string | undefined {
  if (filter === '') return 'an empty filter matches nothing';
  if (filter.length > 200) return 'a filter has at most 200 characters';
  if (CONTROL.test(filter)) return 'control characters are not allowed';
  const segments = filter.split('/');
  for (const [i, segment] of segments.entries()) {
    if (segment === '#' && i !== segments.length - 1) return '`#` stands only at the end';
    if (segment.length > 1 && /[+#]/.test(segment)) return '`+` and `#` stand alone in their segment';
  }
  return undefined;
}

/** Whether every topic that `wanted` (a topic or a filter) can match is matched by `granted`. */
function covers(granted: string, wanted: string): boolean {
  const pattern = granted.split('/');
  const segments = wanted.split('/');
  for (const [i, part] of pattern.entries()) {
    if (part === '#') return true;
    const segment = segments[i];
    if (segment === undefined || segment === '#') return false;
    if (part !== '+' && part !== segment) return false;
  }
  return pattern.length === segments.length;
}

/** Whether a device topic is covered by one of the filters of its role; never `smx/…` or `$…`. */
export function deviceTopicGranted(filters: readonly string[] | undefined, topic: string): boolean {
  if (filters === undefined || OWN_TREE.test(topic)) return false;
  return filters.some((filter) => covers(filter, topic));
}

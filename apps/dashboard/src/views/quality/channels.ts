/** Colours of phases; a voltage between two has that of the first, the neutral one of its own. */
const COLOURS: Readonly<Record<string, string>> = { l1: 'c1', l2: 'c2', l3: 'c3', n: 'c4' };

/** Name of a colour of the style sheet. */
export const colourOf = (channel: string): string => COLOURS[channel.slice(0, 2)] ?? 'c6';

/** As people call it. */
export const channelName = (channel: string): string => channel.toUpperCase().replace('-', '–');

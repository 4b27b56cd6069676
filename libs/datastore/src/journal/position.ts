/**
 * A place in the journal as one number: sequence of the segment and offset of a record's frame in its file. Positions
 * rise in order of commit.
 */
const SEGMENT = 2 ** 32;

export const journalPosition = (segment: number, offset: number): number => segment * SEGMENT + offset;

export const positionSegment = (position: number): number => Math.floor(position / SEGMENT);

export const positionOffset = (position: number): number => position % SEGMENT;

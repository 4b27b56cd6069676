/** Longest message of either side; libraries of back ends have 1 MiB too. */
export const LONGEST_MESSAGE = 1024 * 1024;

/** How `ws` is used on both legs, so that what comes on one can go on over the other. */
export const LEG_OPTIONS = {
  maxPayload: LONGEST_MESSAGE,
  // a message with a broken byte goes on as it is
  skipUTF8Validation: true,
  /** ms that a peer has to answer a close frame. */
  closeTimeout: 5_000,
} as const;

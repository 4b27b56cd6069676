/** Below what a test may take, so that it says what did not come about; a busy machine needs more than its own time. */
const PATIENCE = 80_000;

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come about within ${PATIENCE / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come about within 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

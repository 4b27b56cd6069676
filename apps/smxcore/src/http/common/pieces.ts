/** A JSON list in pieces of its entries. */
export async function* asList(pieces: AsyncIterable<readonly object[]>): AsyncGenerator<string, void> {
  let before = '[';
  for await (const entries of pieces) {
    if (entries.length === 0) continue;
    yield before + JSON.stringify(entries).slice(1, -1);
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

/** Pieces whose first was taken already: what keeps an answer from beginning is a problem still, and no broken answer. */
export async function* behind<T>(
  first: IteratorResult<T, void>,
  rest: AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  if (first.done !== true) yield first.value;
  yield* rest;
}

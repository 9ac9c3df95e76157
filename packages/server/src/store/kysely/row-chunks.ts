const ROWS_PER_STATEMENT = 64

/** Chunks of few sizes (powers of two), so that few statements have to be prepared. */
export function* inChunks<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  let at = 0
  for (let size = ROWS_PER_STATEMENT; size >= 1; size /= 2) {
    for (; rows.length - at >= size; at += size) yield rows.slice(at, at + size)
  }
}

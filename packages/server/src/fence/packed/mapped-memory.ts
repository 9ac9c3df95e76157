/** Larger pieces never come from the C heap: the most that glibc's M_MMAP_THRESHOLD can become. */
const MAPPED_OCTETS_MIN = 33 * 1024 * 1024
/** Smaller ones are not worth the addresses. */
const HEAP_OCTETS_MAX = 1024 * 1024

/**
 * So many octets or more, all zero. What a growing table leaves behind, each time larger, would stay
 * with the process in pieces of the C heap (measured: 60 MB after the feed of a million tokens), so
 * that it is asked for as much as gets a mapping of its own. Only what is written takes up memory.
 */
export function mappedMemory(octets: number): SharedArrayBuffer {
  return new SharedArrayBuffer(
    octets > HEAP_OCTETS_MAX && octets < MAPPED_OCTETS_MIN ? MAPPED_OCTETS_MIN : octets,
  )
}

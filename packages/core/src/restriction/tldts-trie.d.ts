/** The public suffix list as tldts ships it: a tree in flat arrays, edges of a node side by side. */
declare module 'tldts/dist/cjs/src/data/trie.js' {
  /** Where a node's edges begin; they end where the next node's begin. */
  export const edgeStart: Uint16Array
  /** How long an edge's label is; labels stand one after another in `labelText`. */
  export const edgeLength: Uint8Array
  export const edgeChild: Uint16Array
  export const labelText: string
  export const rulesRoot: number
}

/** The public surface of @keyfence/guard/snapshot, by name. Needs the files of Node, Deno or Bun. */
export { sealedFile, type SealedFileOptions } from './sealed-file.ts'

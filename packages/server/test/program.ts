import { join } from 'node:path'

// Which one is said where a run is started: `npm test` has it built, as it is published, which starts
// in half the time. A test that is run alone starts the sources as they are.
const { PROGRAM_UNDER_TEST } = process.env

/** The program that tests start. */
export const PROGRAM = PROGRAM_UNDER_TEST ?? join(import.meta.dirname, '../bin/keyfence.js')

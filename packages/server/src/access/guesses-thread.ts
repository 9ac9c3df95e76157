/** The thread that estimates how easily a password is guessed: its dictionaries take a second to load. */
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { parentPort, workerData } from 'node:worker_threads'

const { password, known } = workerData as GuessedPassword // what password.ts passes

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
parentPort?.postMessage(estimator.check(password, [...known]).guessesLog10)

/** A password, and what a guesser knows of its holder. */
export interface GuessedPassword {
  readonly password: string
  readonly known: readonly string[]
}

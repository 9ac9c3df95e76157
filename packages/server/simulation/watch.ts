import type { TokenText } from '@keyfence/core'
import type { Chance } from './chance.ts'
import { type Era, type Model, type Outcome, outcomeIn, type TokenHistory } from './model.ts'
import { QUESTIONS, type Question } from './questions.ts'
import type { Schedule } from './schedule.ts'
import type { WatchedNode } from './watched-node.ts'

/** What a run must never show; the message says what was seen and what would have been right. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** What is watched of each node. */
interface Seen {
  /** All changes up to this one are applied: the node has said so. */
  known: number
  /** The last era of each token that a decision of this node can have come from. */
  readonly eras: Map<TokenHistory, number>
}

const ASKED_PER_STEP = 1

/** Asks nodes, and holds what they say against the model. */
export class Watch {
  readonly #model: Model
  readonly #schedule: Schedule
  readonly #chance: Chance
  readonly #maxStalenessMs: number
  readonly #seen = new Map<WatchedNode, Seen>()
  /** How many decisions were held against the model. */
  decisions = 0

  constructor(
    model: Model,
    {
      schedule,
      chance,
      maxStalenessMs,
    }: {
      readonly schedule: Schedule
      readonly chance: Chance
      readonly maxStalenessMs: number
    },
  ) {
    this.#model = model
    this.#schedule = schedule
    this.#chance = chance
    this.#maxStalenessMs = maxStalenessMs
  }

  /** The node has said that it has applied everything up to the change of that order. */
  acknowledged(node: WatchedNode, order: number): void {
    const seen = this.#seenOf(node)
    seen.known = Math.max(seen.known, order)
  }

  /** After a step: some requests to a node. */
  ask(node: WatchedNode): void {
    const { histories } = this.#model
    if (histories.length === 0 || node.isStopped) return
    for (let asked = 0; asked < ASKED_PER_STEP; asked++) {
      const history = this.#chance.pick(histories)
      const secret = this.#chance.pick([...history.secrets])
      this.#check(node, history, { secret, question: this.#chance.pick(QUESTIONS) })
    }
  }

  /** When all has been well for long enough: each node answers, whatever it is asked. */
  converged(node: WatchedNode): void {
    if (node.isStopped) throw new Violation(`${node.name} does not come back`)
    for (const history of this.#model.histories) {
      for (const secret of history.secrets) this.#askAll(node, history, secret)
    }
  }

  #askAll(node: WatchedNode, history: TokenHistory, secret: TokenText): void {
    for (const question of QUESTIONS) {
      const { reason } = this.#check(node, history, { secret, question })
      if (reason === 'store_unavailable') throw new Violation(`${node.name} does not come back`)
    }
  }

  #check(
    node: WatchedNode,
    history: TokenHistory,
    asked: { readonly secret: TokenText; readonly question: Question },
  ): Outcome {
    this.decisions++
    const outcome = node.decide(asked.secret, asked.question)
    const { staleForMs } = node.freshness()
    const isFresh = staleForMs !== undefined && staleForMs <= this.#maxStalenessMs
    if (outcome.reason === 'store_unavailable') {
      if (isFresh) throw new Violation(`${node.name} does not use a copy ${staleForMs} ms old`)
      return outcome
    }
    if (!isFresh) throw new Violation(`${node.name} decides by a copy ${staleForMs} ms old`)
    this.#checkEra(node, history, { ...asked, outcome, staleForMs })
    return outcome
  }

  /** The outcome has to be that of an era that the node's copy can be of, and of none before the last. */
  #checkEra(
    node: WatchedNode,
    history: TokenHistory,
    told: {
      readonly secret: TokenText
      readonly question: Question
      readonly outcome: Outcome
      readonly staleForMs: number
    },
  ): void {
    const { eras } = history
    const seen = this.#seenOf(node)
    const wall = node.clock.now()
    const oldest = this.#schedule.now - told.staleForMs
    const known = eras.findLastIndex(({ order }) => order <= seen.known)
    const first = Math.max(known, seen.eras.get(history) ?? 0)
    for (let at = first; at < eras.length; at++) {
      const { state } = eras[at] as Era // below its length
      const ended = eras[at + 1]?.since ?? Number.POSITIVE_INFINITY
      if (ended < oldest) continue
      if (isSame(outcomeIn(state, { ...told, wall }), told.outcome)) {
        seen.eras.set(history, at)
        return
      }
    }
    const now = outcomeIn(this.#model.stateOf(history.id), { ...told, wall })
    throw new Violation(
      `${node.name} says ${shown(told.outcome)} of ${history.id}, which is ${shown(now)} now, ` +
        `by a copy ${told.staleForMs} ms old; eras ${first} to ${eras.length - 1} say otherwise`,
    )
  }

  #seenOf(node: WatchedNode): Seen {
    const seen = this.#seen.get(node) ?? { known: 0, eras: new Map() }
    this.#seen.set(node, seen)
    return seen
  }
}

/** A mark that was not told is any. */
function isSame(one: Outcome, told: Outcome): boolean {
  const isMark = told.mark === undefined || one.mark === told.mark
  return one.effect === told.effect && one.reason === told.reason && isMark
}

function shown({ effect, reason, mark }: Outcome): string {
  return `${effect} ${reason}${mark === undefined ? '' : ` (${mark})`}`
}

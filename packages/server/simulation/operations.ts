import type { TokenText } from '@keyfence/core'
import type { TokenId } from '../src/identifier/identifier.ts'
import type { StoreTransaction } from '../src/store/store.ts'
import type { ChangeContext } from '../src/token/change-context.ts'
import { changeStatus } from '../src/token/change-status.ts'
import { changeToken } from '../src/token/change-token.ts'
import { deleteToken } from '../src/token/delete-token.ts'
import { issueToken } from '../src/token/issue-token.ts'
import { restrictToken } from '../src/token/restrict-token.ts'
import { rotateToken } from '../src/token/rotate-token.ts'
import type { Chance } from './chance.ts'
import type { Model, TokenState } from './model.ts'
import { drawRestrictions } from './questions.ts'

/** What a caller of the management API does, with the code that the API does it with. */
export interface Operation {
  readonly name: string
  /** @returns what each token is once it is committed; empty where there was nothing to do. */
  readonly run: (work: Work) => Promise<readonly Change[]>
}

export type Change = readonly [id: TokenId, state: TokenState]

export interface Work {
  readonly transaction: StoreTransaction
  readonly context: ChangeContext & { readonly tokenPrefix: string }
  readonly model: Model
  readonly chance: Chance
}

type Present = Exclude<TokenState, { kind: 'absent' }>

const TOKENS_MIN = 2
const TOKENS_MAX = 8
const LIFE_MS_MAX = 60_000

/** Something to do, by how often it is done; without tokens there is nothing else to do. */
export function drawOperation(chance: Chance, model: Model): Operation {
  const drawn = chance.pickWeighted(OPERATIONS)
  return model.present().length < TOKENS_MIN ? ISSUE : drawn
}

const ISSUE: Operation = { name: 'issue', run: issue }

const OPERATIONS: readonly (readonly [weight: number, Operation])[] = [
  [5, ISSUE],
  [5, { name: 'restrict', run: (work) => onPresent(work, restrict) }],
  [4, { name: 'revoke', run: (work) => onPresent(work, (...of) => setStatus('revoked', ...of)) }],
  [3, { name: 'disable', run: (work) => onPresent(work, (...of) => setStatus('disabled', ...of)) }],
  [4, { name: 'enable', run: (work) => onPresent(work, (...of) => setStatus('active', ...of)) }],
  [4, { name: 'rotate', run: (work) => onPresent(work, rotate) }],
  [3, { name: 'change', run: (work) => onPresent(work, changeLife) }],
  [2, { name: 'delete', run: (work) => onPresent(work, remove) }],
  [2, { name: 'bulk', run: bulk }],
]

async function issue({ transaction, context, model, chance }: Work): Promise<readonly Change[]> {
  if (model.present().length >= TOKENS_MAX) return []
  const draft = {
    name: 'shop',
    owner: `owner-${chance.between(1, 3)}`,
    metadata: { mark: newMark(chance) },
    notBefore: undefined,
    expiresAt: chance.happens(0.3) ? context.now + chance.between(1, LIFE_MS_MAX) : undefined,
    mode: chance.happens(0.1) ? ('report' as const) : ('enforce' as const),
    restrictions: drawRestrictions(chance),
  }
  const { token, secret } = await issueToken(transaction, draft, context)
  return [[token.id, { kind: 'saved', token, secrets: new Map([[secret, undefined]]) }]]
}

/** Several changes in one transaction. */
async function bulk(work: Work): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const id of work.model.present()) {
    const state = work.model.stateOf(id)
    if (state.kind === 'absent' || work.chance.happens(0.3)) continue
    const done = work.chance.happens(0.2)
      ? await setStatus('revoked', work, state)
      : await restrict(work, state)
    if (done !== undefined) changes.push([id, done])
  }
  return changes
}

/** Does something to a token that is there; saving it mends its record, if that is damaged. */
async function onPresent(
  work: Work,
  act: (work: Work, state: Present) => Promise<TokenState | undefined>,
): Promise<readonly Change[]> {
  const present = work.model.present()
  const live = present.filter((id) => !isRevoked(work.model.stateOf(id)))
  if (present.length === 0) return []
  // Of what is revoked only what is deleted changes.
  const id = work.chance.pick(live.length === 0 || work.chance.happens(0.2) ? present : live)
  const state = work.model.stateOf(id)
  if (state.kind === 'absent') return []
  const done = await act(work, state)
  return done === undefined ? [] : [[id, done]]
}

function isRevoked(state: TokenState): boolean {
  return state.kind !== 'absent' && state.token.status === 'revoked'
}

async function restrict(work: Work, state: Present): Promise<TokenState | undefined> {
  const restrictions = drawRestrictions(work.chance)
  const token = marked(work, state)
  const done = await restrictToken(work.transaction, { token, restrictions }, work.context)
  return done.ok ? { ...state, kind: 'saved', token: done.value } : undefined
}

async function setStatus(
  status: 'active' | 'disabled' | 'revoked',
  work: Work,
  state: Present,
): Promise<TokenState | undefined> {
  if (state.token.status === status) return undefined
  const token = marked(work, state)
  const done = await changeStatus(work.transaction, { token, status }, work.context)
  return done.ok ? { ...state, kind: 'saved', token: done.value } : undefined
}

async function changeLife(work: Work, state: Present): Promise<TokenState | undefined> {
  const { chance, context } = work
  const some = () =>
    chance.happens(0.6) ? context.now + chance.between(0, LIFE_MS_MAX) : undefined
  if (state.kind === 'damaged') return undefined
  const changes = {
    metadata: { mark: newMark(chance) },
    expiresAt: some(),
    notBefore: chance.happens(0.3) ? some() : undefined,
    mode: chance.happens(0.2) ? ('report' as const) : ('enforce' as const),
  }
  const done = await changeToken(work.transaction, { token: state.token, changes }, context)
  return done.ok ? { ...state, kind: 'saved', token: done.value } : undefined
}

async function rotate(work: Work, state: Present): Promise<TokenState | undefined> {
  const { chance, context, transaction } = work
  if (state.token.status === 'revoked') return undefined
  const overlapMs = chance.happens(0.4) ? 0 : chance.between(1, LIFE_MS_MAX)
  const token = marked(work, state)
  const rotated = await rotateToken(transaction, { token, overlapMs }, context)
  const endings = rotatedEndings(state, context.now + overlapMs, context.now)
  return { kind: 'saved', token: rotated.token, secrets: endings.set(rotated.secret, undefined) }
}

/** The newest lives on until then or its token's end; what was ending already has ended for good. */
function rotatedEndings({ token, secrets }: Present, until: number, now: number) {
  const lastEnd = Math.min(until, token.expiresAt ?? Number.POSITIVE_INFINITY)
  const ended = new Map<TokenText, number | undefined>()
  for (const [secret, endsAt] of secrets) {
    ended.set(secret, endsAt === undefined && lastEnd > now ? lastEnd : 0)
  }
  return ended
}

async function remove(work: Work, { token }: Present): Promise<TokenState> {
  await deleteToken(work.transaction, token, work.context)
  return { kind: 'absent' }
}

/** Each version of a token has a mark of its own, by which a decision tells what it was made from. */
function marked({ chance }: Work, { token }: Present): Present['token'] {
  return { ...token, metadata: { mark: newMark(chance) } }
}

function newMark(chance: Chance): string {
  return Buffer.from(chance.octets(6)).toString('hex')
}

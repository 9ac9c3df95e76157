/** The public surface of @keyfence/guard/fetch, by name. */
export { guardedRequest } from './fetch-request.ts'
export {
  cloudflarePeer,
  guarded,
  type GuardedHandler,
  type PeerOption,
} from './guarded-handler.ts'

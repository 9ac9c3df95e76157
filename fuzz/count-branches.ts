import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { COUNTERS_NAME, withCounters } from './branches.ts'

/** How often each branch of the counted code was taken since the counters were last set to zero. */
export interface BranchCounters {
  readonly counts: Uint32Array
  /** How many there are by now: code that is loaded later brings its own. */
  readonly used: number
}

const COUNTERS_MAX = 65_536
const COUNTED = /\/packages\/(core|guard|server)\/src\/(?!.*[.]test[.]ts$).*[.]ts$/

/** Counts the branches of the code of ours that this thread loads from now on. */
export function countBranches(): BranchCounters {
  const counts = new Uint32Array(COUNTERS_MAX)
  let used = 0
  Object.defineProperty(globalThis, COUNTERS_NAME, { value: counts })
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context)
      if (!url.startsWith('file:') || !COUNTED.test(fileURLToPath(url))) return loaded
      const { source, counters } = withCounters(textOf(loaded.source), used)
      used += counters
      // Beyond the array, a counter is none, and its branch looks as if it were never taken.
      return { ...loaded, source }
    },
  })
  return {
    counts,
    get used() {
      return Math.min(used, COUNTERS_MAX)
    },
  }
}

function textOf(source: string | ArrayBuffer | NodeJS.TypedArray | undefined): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source)
}

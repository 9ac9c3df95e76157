const IDLE_WAIT_MS_MAX = 300

/** Resolves once the page has drawn what it has to and nobody waits for it, or soon all the same. */
export function whenIdle(): Promise<void> {
  return new Promise((resolve) => {
    // Safari has none.
    if (!('requestIdleCallback' in globalThis)) setTimeout(resolve, IDLE_WAIT_MS_MAX)
    else requestIdleCallback(() => resolve(), { timeout: IDLE_WAIT_MS_MAX })
  })
}

import { defineConfig } from 'vitest/config'

/** Set by run.mjs: the tests that are asked. */
const asked =
  process.env.MUTANTS_TESTS ||
  'packages/core/src/**/*.test.ts,packages/server/src/fence/**/*.test.ts'

export default defineConfig({
  test: {
    include: asked.split(','),
    setupFiles: ['mutants/first-failure.mjs'],
    testTimeout: 60_000,
  },
})

import { defineConfig } from 'vitest/config'

/** Set by run.mjs: the folders whose tests are asked. */
const asked = process.env.MUTANTS_TESTS || 'packages/core/src,packages/server/src/fence'

export default defineConfig({
  test: {
    include: asked.split(',').map((folder) => `${folder}/**/*.test.ts`),
    testTimeout: 60_000,
  },
})

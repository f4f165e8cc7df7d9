import { defineConfig } from 'vitest/config'

// Tests run the source, not the build: each package's exports map offers it under a private condition.
const conditions = ['coscribe-source']

export default defineConfig({
  resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] },
  ssr: { resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/leak-search.ts'],
    pool: 'forks',
    // Two more than the two cores that are there: several files mostly wait, for a browser, a disk or half a minute.
    maxWorkers: 4,
    // A machine that does other things takes its time; only what hangs shall fail.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
  },
})

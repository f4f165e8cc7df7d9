import { defineConfig } from 'vitest/config'
import { isLibraryTalk } from './test/support/library-talk.js'
import { LongFirst } from './test/support/long-first.js'

// Tests run the source, not the build: each package's exports map offers it under a private condition.
const conditions = ['coscribe-source']

/**
 * Files with a process of their own: those that change it or measure what is in it, and those with hooks in what they
 * import, which is read once.
 */
const alone = [
  'test/browser/firefox.test.ts',
  'test/simulation/**/*.test.ts',
  'test/client/{indexed-db-store,room-status,tabs}.test.ts',
  'test/fuzz/{campaign,messages,presence,records,requests,walker}.test.ts',
  'test/integration/{comings-and-goings,examples,honest-use}.test.ts',
]

export default defineConfig({
  resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] },
  ssr: { resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] } },
  test: {
    globalSetup: ['test/support/leak-search.ts'],
    pool: 'forks',
    // Two more than the two cores that are there: several files mostly wait, for a browser, a disk or half a minute.
    maxWorkers: 4,
    // A machine that does other things takes its time; only what hangs shall fail.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // So that the end of a log shows what failed.
    onConsoleLog: (log) => (isLibraryTalk(log) ? false : undefined),
    sequence: { sequencer: LongFirst },
    projects: [
      {
        extends: true,
        // What a file imports is read once for all files of a process: that was a quarter of the whole time.
        test: { name: 'together', isolate: false, include: ['test/**/*.test.ts'], exclude: alone },
      },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
})

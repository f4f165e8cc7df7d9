import { readFileSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that take longest, in that order. Where nothing has run yet nobody else knows, and one of them that comes last
 * leaves a core with nothing to do.
 */
const LONG = [
  'browser/home',
  'browser/tabs',
  'browser/page',
  'browser/desk-text',
  'browser/access',
  'browser/desk-keys',
  'browser/sign-in',
  'browser/people',
  'browser/desk-files',
  'browser/element',
  'browser/firefox',
  'browser/two-people',
  'browser/embed',
  'browser/hostile',
  'integration/examples',
  'integration/clean-checkout',
  'integration/idle-memory',
  'faults/storage-flips',
  'faults/kill',
  'faults/power-loss',
  'faults/storage-kill',
  'faults/storage-power-loss',
  'browser/composition',
  'simulation/simulation',
  'browser/opening',
  'simulation/mutants',
  'fuzz/update',
  'browser/page-installed',
  'browser/react',
  'integration/stock-liveness',
  'integration/hostile-updates',
  'integration/trace',
  'integration/cli',
  'integration/limit-floods',
  'integration/slow-reader',
  'integration/stock-presence',
  'server/pieces',
  'integration/honest-use',
  'integration/stock-names',
  'integration/stock-sync',
  'integration/traffic-limits',
  'integration/client',
  'integration/auth-http',
  'storage/conformance',
  'faults/disk-full',
  'integration/hostile-memory',
  'client/codemirror/binding-crowd',
]

/** A process serves files of one project and environment: these come in a row, and in each row the longest first. */
export class LongFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranks = new Map(files.map((file) => [file, rankOf(file)]))
    const rank = (file: TestSpecification): number => ranks.get(file) ?? 0
    return Promise.resolve(files.toSorted((a, b) => rank(a) - rank(b)))
  }
}

const ROW = 1_000

function rankOf({ moduleId, project }: TestSpecification): number {
  const place = LONG.findIndex((name) => moduleId.endsWith(`test/${name}.test.ts`))
  const ofItsOwn = readFileSync(moduleId, 'utf8').startsWith('// @vitest-environment')
  const row = project.config.isolate ? 0 : ofItsOwn ? 2 : 1
  return row * ROW + (place < 0 ? LONG.length : place)
}

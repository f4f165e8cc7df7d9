import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createViteServer } from 'vitest/node'
import type { Plan } from './plan.js'
import type { Outcome } from './run.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const conditions = ['coscribe-source', 'module', 'node', 'development|production']

/** A defect: a change of one source file that a simulation has to notice. */
export interface Mutant {
  /** The source file, from the root of the repository. */
  readonly file: string
  /** What it breaks, in a sentence. */
  readonly breaks: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** The number of seeds within which it has to be noticed. */
  readonly seeds: number
  /** Where the search is long: a seed at which it was noticed, which is tried before all others. */
  readonly noticedAt?: number
}

/** How often the text to be replaced stands in its file. */
export function occurrencesOf({ file, find }: Mutant): number {
  return readFileSync(join(root, file), 'utf8').split(find).length - 1
}

/** The simulation as it is with a defect in it. */
interface Simulation {
  planOf(seed: number): Plan
  run(plan: Plan): Promise<Outcome>
}

type Vite = Awaited<ReturnType<typeof createViteServer>>

/** Loads the simulation, with the real code, again for each defect: the sources are never changed. */
export class MutantLoader {
  readonly #vite: Vite
  readonly #applied: { mutant: Mutant | null }

  private constructor(vite: Vite, applied: { mutant: Mutant | null }) {
    this.#vite = vite
    this.#applied = applied
  }

  static async open(): Promise<MutantLoader> {
    const applied: { mutant: Mutant | null } = { mutant: null }
    const vite = await createViteServer({
      configFile: false,
      root,
      logLevel: 'warn',
      appType: 'custom',
      optimizeDeps: { noDiscovery: true },
      ssr: { resolve: { conditions } },
      server: { middlewareMode: true, hmr: false, ws: false, watch: null },
      plugins: [
        {
          name: 'mutant',
          enforce: 'pre',
          transform: (code, id) => mutated(code, id, applied.mutant),
        },
      ],
    })
    return new MutantLoader(vite, applied)
  }

  /** The simulation with this defect. */
  async load(mutant: Mutant | null): Promise<Simulation> {
    this.#forget(this.#applied.mutant)
    this.#forget(mutant)
    this.#applied.mutant = mutant
    const { planOf } = await this.#vite.ssrLoadModule('/test/simulation/plan.ts')
    const { run } = await this.#vite.ssrLoadModule('/test/simulation/run.ts')
    return { planOf, run }
  }

  close(): Promise<void> {
    return this.#vite.close()
  }

  /** What was made of this file, and every module that was run. */
  #forget(mutant: Mutant | null): void {
    const { moduleGraph } = this.#vite
    if (mutant !== null) moduleGraph.onFileChange(join(root, mutant.file))
  }
}

function mutated(code: string, id: string, mutant: Mutant | null): string | undefined {
  if (mutant === null || id !== join(root, mutant.file)) return undefined
  return code.replace(mutant.find, () => mutant.replace)
}

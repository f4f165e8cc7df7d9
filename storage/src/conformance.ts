import { authorCases } from './conformance-author-cases.js'
import { cases, type Body, type Stage } from './conformance-cases.js'
import { infoCases } from './conformance-info-cases.js'
import type { DocumentStore } from './store.js'

/** How the suite gets at a kind of store. */
export interface StoreHarness {
  /** A new, empty, opened store. */
  create(): Promise<DocumentStore>
  /** Closes the store and opens the same content again, in the same object or another. */
  reopen(store: DocumentStore): Promise<DocumentStore>
  /** Closes the store and removes its content. */
  dispose(store: DocumentStore): Promise<void>
}

/** One rule of the contract as a test for any runner: `for (const { title, run } of cases) it(title, run)`. */
export interface StoreCase {
  readonly title: string
  readonly run: () => Promise<void>
}

/**
 * The suite every store passes. Each case runs twice: on a store that stays open, and on one that is closed and
 * opened again between writing and reading.
 */
export function storeConformance(harness: StoreHarness): readonly StoreCase[] {
  const rounds = [
    { name: 'open', reopens: false },
    { name: 'reopened', reopens: true },
  ]
  return Object.entries({ ...cases, ...authorCases, ...infoCases }).flatMap(([title, body]) =>
    rounds.map(({ name, reopens }) => ({
      title: `${title} (${name})`,
      run: () => runCase(harness, body, reopens),
    })),
  )
}

async function runCase(harness: StoreHarness, body: Body, reopens: boolean): Promise<void> {
  const stage: Stage = {
    store: await harness.create(),
    settle: async () => {
      if (reopens) stage.store = await harness.reopen(stage.store)
    },
  }
  try {
    await body(stage)
  } finally {
    await harness.dispose(stage.store)
  }
}

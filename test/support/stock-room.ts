import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { ServerSetup } from '@coscribe/server'
import type { StockOptions, StockVersion } from './clients.js'
import { RestartableServer } from './restartable-server.js'
import { StockPerson } from './stock-person.js'
import type * as Y from 'yjs'

type Cleanup = () => unknown

/** What one test opened; ended after it, the newest first. */
const opened: Cleanup[] = []
const people = new Set<StockPerson>()

/**
 * Ends after each test what it opened here, and looks at all that its people were sent. Each file that uses what is
 * here calls it: modules are read once for many files, and hooks belong to the file that sets them.
 */
export function stockTests(): void {
  // Each provider listens for the end of the process.
  process.setMaxListeners(200)

  beforeEach(() => {
    // Where these clients tell people what the server said; kept to look at, and off the screen.
    vi.spyOn(console, 'warn').mockReturnValue()
  })

  afterEach(async () => {
    const unreadable = [...people].flatMap((person) => person.log.unreadable())
    people.clear()
    vi.restoreAllMocks()
    for (const cleanup of opened.splice(0).toReversed()) await cleanup()
    // Whatever a test is about: the server never says anything to a stock client that it cannot read.
    expect(unreadable).toEqual([])
  })
}

/** Runs `cleanup` after the test. */
export function afterTest(cleanup: Cleanup): void {
  opened.push(cleanup)
}

/** What providers told people in the console, in this test. */
export function warnings(): string[] {
  return vi.mocked(console.warn).mock.calls.map((words) => words.join(' '))
}

/** A server for one test. */
export async function serverForTest(setup: ServerSetup = {}): Promise<RestartableServer> {
  const server = await RestartableServer.started(setup)
  afterTest(() => server.remove())
  return server
}

/** Somebody with an unmodified provider, for one test. */
export function personForTest(
  version: StockVersion,
  url: string,
  documentId: string,
  options: StockOptions & { readonly doc?: Y.Doc } = {},
): StockPerson {
  const person = new StockPerson(version, url, documentId, options)
  people.add(person)
  afterTest(() => person.leave())
  return person
}

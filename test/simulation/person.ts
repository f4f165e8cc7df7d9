import * as Y from 'yjs'
import type { SeededRandom } from '../support/random.js'
import { CoverageSet } from './coverage-set.js'
import { charactersOf, type Typing } from './edits.js'
import type { Ledger } from './ledger.js'
import type { ClockScope, SimClock } from './sim-clock.js'
import type { Machine } from './sim-network.js'

export interface PersonSetup {
  readonly name: string
  readonly documentId: string
  readonly clock: SimClock
  readonly machine: Machine
  readonly random: SeededRandom
  readonly ledger: Ledger
  readonly typing: Typing
}

/** What somebody shows of themselves. */
export interface Shown {
  readonly name: string
  readonly n: number
}

/** Somebody with a program that edits a document. */
export abstract class Person {
  readonly name: string
  readonly documentId: string
  readonly machine: Machine
  protected readonly setup: PersonSetup
  protected scope: ClockScope
  #doc: Y.Doc
  #running = false
  #shown = 0
  /** What was called saved to anybody when this person's program began its newest connection. */
  #ackedBefore = new CoverageSet()

  constructor(setup: PersonSetup) {
    this.setup = setup
    this.name = setup.name
    this.documentId = setup.documentId
    this.machine = setup.machine
    this.scope = setup.clock.scope()
    this.#doc = new Y.Doc({ guid: this.name })
    this.machine.onConnect = () => {
      this.#ackedBefore = new CoverageSet()
      this.#ackedBefore.addAll(setup.ledger.of(this.documentId).acked)
    }
  }

  get doc(): Y.Doc {
    return this.#doc
  }

  /** Whether the program runs, connected or not. */
  get running(): boolean {
    return this.#running
  }

  get shown(): Shown {
    return { name: this.name, n: this.#shown }
  }

  /** Starts the program, as opening a page does: with an empty document and a client id of its own. */
  start(): void {
    this.#doc = new Y.Doc({ guid: this.name })
    this.#doc.clientID = 1 + this.setup.random.below(2 ** 31 - 1)
    this.scope = this.setup.clock.scope()
    this.#shown = this.setup.random.below(1_000)
    this.#running = true
    this.begin()
  }

  /** Leaves in order. */
  leave(): void {
    if (!this.#running) return
    this.end()
    this.stopped()
    this.scope.end()
  }

  /** The program ends at once, as when its machine fails; what only it had is gone. */
  die(): void {
    if (!this.#running) return
    this.stopped()
    this.scope.end()
    this.machine.end()
  }

  edit(random: SeededRandom): void {
    if (this.#running)
      this.changed(() => this.setup.typing.edit(this.#doc, this.documentId, random))
  }

  /** Ten edits in one turn. */
  burst(random: SeededRandom): void {
    for (let n = 0; n < 10; n++) this.edit(random)
  }

  paste(random: SeededRandom): void {
    if (this.#running)
      this.changed(() => this.setup.typing.paste(this.#doc, this.documentId, random))
  }

  /** Shows something new of itself. */
  show(): void {
    this.#shown++
    if (this.#running) this.say(this.shown)
  }

  /** Runs `edit` and returns what it brought into the document. */
  protected changesOf(edit: () => void): CoverageSet {
    const changes = new CoverageSet()
    const note = (update: Uint8Array): void => changes.add(update)
    this.#doc.on('update', note)
    edit()
    this.#doc.off('update', note)
    return changes
  }

  /** The server said that the whole document is here now. */
  protected whole(): void {
    // A backup may have been put back since the connection began.
    const expected = this.#ackedBefore.within(this.setup.ledger.of(this.documentId).acked)
    const missing = CoverageSet.ofDocument(this.#doc).lacks(expected)
    if (missing === null) return
    this.setup.ledger.broken('I4', `${this.name} was served a part as the whole: no ${missing}`)
  }

  /** Whether everybody typed what is here, each character once. */
  checkCharacters(): void {
    const { typed } = this.setup.ledger.of(this.documentId)
    const characters = charactersOf(this.#doc)
    const seen = new Set<string>()
    for (const character of characters) {
      if (seen.has(character)) this.setup.ledger.broken('I3', `${this.name} has ${character} twice`)
      if (!typed.has(character)) {
        this.setup.ledger.broken('I3', `${this.name} has ${character}, which nobody typed here`)
      }
      seen.add(character)
    }
  }

  private stopped(): void {
    this.#running = false
  }

  /** What others show here, by their client id. */
  abstract get others(): ReadonlyMap<number, unknown>
  /** Whether the whole document is here and followed. */
  abstract get synced(): boolean
  /** What is wrong with this program's view of the world at rest, or `null`. */
  abstract get trouble(): string | null
  protected abstract begin(): void
  protected abstract end(): void
  protected abstract say(shown: Shown): void
  protected abstract changed(edit: () => void): void
}

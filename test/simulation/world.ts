import type * as Y from 'yjs'
import { SeededRandom } from '../support/random.js'
import { docOf } from '../support/room-world.js'
import { CoverageSet } from './coverage-set.js'
import { Typing } from './edits.js'
import { Ledger } from './ledger.js'
import { OwnPerson } from './own-person.js'
import type { Person } from './person.js'
import type { Plan, PlannedPerson } from './plan.js'
import { SimClock } from './sim-clock.js'
import type { ClockScope } from './sim-clock.js'
import { SimDisk } from './sim-disk.js'
import { noRoom } from './sim-server.js'
import { Machine, SimNetwork } from './sim-network.js'
import { SimServer } from './sim-server.js'
import { StockPerson, Tabs } from './stock-person.js'

/** A whole world of a plan: people, their machines, the network, one server after the other, and one disk. */
export class World {
  readonly clock = new SimClock()
  readonly ledger = new Ledger()
  readonly people: Person[]
  readonly documents: readonly string[]
  readonly disk: SimDisk
  readonly #plan: Plan
  readonly #network: SimNetwork
  readonly #typing: Typing
  readonly #random: SeededRandom
  readonly #tabs = new Map<string, Tabs>()
  #server: SimServer | null = null
  #process: ClockScope | null = null
  #servers = 0
  readonly trace: string[] = []

  constructor(plan: Plan) {
    this.#plan = plan
    this.#random = new SeededRandom(plan.seed + 17)
    this.#typing = new Typing(this.ledger)
    this.disk = new SimDisk(new SeededRandom(plan.seed + 29), plan.disk, (updates) =>
      this.ledger.synced(updates),
    )
    this.#network = new SimNetwork(this.clock, plan.seed)
    this.documents = [...new Set(plan.people.map(({ document }) => document))]
    this.people = plan.people.map((planned, index) =>
      this.person(planned, `${planned.kind}${index}`),
    )
  }

  get server(): SimServer | null {
    return this.#server
  }

  /** People whose program runs on this document. */
  around(documentId: string): Person[] {
    return this.people.filter((person) => person.running && person.documentId === documentId)
  }

  person(planned: PlannedPerson, name: string): Person {
    const setup = {
      name,
      documentId: planned.document,
      clock: this.clock,
      machine: new Machine(this.#network, planned.line),
      random: new SeededRandom(this.#random.below(2 ** 31)),
      ledger: this.ledger,
      typing: this.#typing,
    }
    if (planned.kind === 'stock') return new StockPerson(setup, null)
    if (planned.kind === 'tab') return new StockPerson(setup, this.#tabsOf(planned.document))
    return new OwnPerson(setup, planned.kind === 'copy')
  }

  /** A number for everything that came over any line, and when. */
  get traffic(): number {
    return this.#network.traffic
  }

  note(what: string): void {
    this.trace.push(`${this.clock.now().toFixed(1)} ${what}`)
  }

  /** Everything ends. */
  end(): void {
    for (const person of this.people) person.die()
    this.killServer(false)
  }

  // --- the server

  /** Starts a server, looks at what it recovered, and only then lets anybody connect. */
  async startServer(): Promise<void> {
    if (this.#server !== null) return
    this.#servers++
    const scope = this.clock.scope()
    this.#process = scope
    this.#server = await SimServer.start({
      scope,
      disk: this.disk,
      seed: this.#plan.seed * 31 + this.#servers,
      bounds: this.#plan.bounds,
      onError: (message) => this.ledger.broken('I7', message),
    })
    await this.checkRecovered()
    this.#network.server = this.#server
  }

  /** The server's process ends in the middle of whatever it does. */
  killServer(withPower: boolean): void {
    if (this.#server === null) return
    this.#server = null
    this.#process?.end()
    this.#network.serverDied()
    if (withPower) this.disk.powerLost()
    else this.disk.processEnded()
  }

  /** The server ends in order. */
  async stopServer(): Promise<void> {
    const server = this.#server
    if (server === null) return
    const state = { stopped: false }
    const stopped = (): void => {
      state.stopped = true
    }
    // It may fail when the disk does, and says so; what it acknowledged counts all the same.
    server.stop().then(stopped, stopped)
    for (let waited = 0; !state.stopped && waited < 10_000; waited += 50)
      await this.clock.advance(50)
    if (!state.stopped) this.ledger.broken('I8', 'the server does not stop')
    this.#server = null
    this.#process?.end()
    this.#network.serverDied()
  }

  /** A backup is put back. */
  async restore(share: number): Promise<void> {
    this.killServer(false)
    this.disk.restore(share)
    for (const documentId of this.documents) {
      this.ledger.restored(documentId, CoverageSet.of(await this.#stored(documentId)))
    }
  }

  /** Compacts a document, due or not; goes on beside what happens next. */
  compact(documentId: string): void {
    void this.#server?.compact(documentId)
  }

  /** Lets go of a snapshot that is in memory. */
  release(documentId: string): void {
    void this.#server?.release(documentId)
  }

  // --- looking

  /** Somebody writes as a person who is here, for whom nobody else can tell. */
  forge(documentId: string, random: SeededRandom): void {
    const here = this.around(documentId).filter((person) => person.synced)
    const [victim] = random.shuffle(here.filter((person) => person instanceof OwnPerson))
    if (victim !== undefined) void this.#server?.forge(documentId, victim.doc.clientID)
  }

  /** Looks, when the document is open, whether what a room says of itself is what yjs makes of its bytes. */
  audit(documentId: string): void {
    this.#server?.audit(documentId).then((difference) => {
      if (difference !== null) this.ledger.broken('U4', `${documentId}: ${difference}`)
    }, noRoom)
  }

  /** Every queue is within its bound. */
  checkBounds(): void {
    const { largestMessage, received } = this.#network
    const excess = this.#server?.excess(this.documents.length, largestMessage, received) ?? null
    if (excess !== null) this.ledger.broken('I7', excess)
  }

  /** What was called saved is on the disk, whoever is gone. */
  async checkRecovered(): Promise<void> {
    for (const documentId of this.documents) {
      const coverage = CoverageSet.of(await this.#stored(documentId))
      const missing = coverage.lacks(this.ledger.of(documentId).acked)
      if (missing !== null)
        this.ledger.broken('I1', `${documentId} was recovered without ${missing}`)
    }
  }

  /** What the stored bytes make, by yjs. */
  async storedDocument(documentId: string): Promise<Y.Doc> {
    return docOf(await this.#stored(documentId))
  }

  async #stored(documentId: string): Promise<Uint8Array[]> {
    const stored = await this.disk.safe(documentId)
    return [...(stored?.snapshot?.parts ?? []), ...(stored?.tail ?? [])]
  }

  #tabsOf(documentId: string): Tabs {
    let tabs = this.#tabs.get(documentId)
    if (tabs === undefined) this.#tabs.set(documentId, (tabs = new Tabs()))
    return tabs
  }
}

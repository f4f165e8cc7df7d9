import { insertUpdate, pushedRun } from './edits.js'
import type { DialectName } from './dialects.js'
import { stateUpdate } from './presence-load.js'
import { Session, type SessionListener } from './session.js'
import { TypingSchedule } from './typing-schedule.js'

/** Everything at once, as on a day at work. Rates are per second and of everybody together. */
export interface MixedPlan {
  readonly port: number
  readonly dialect: DialectName
  readonly documents: number
  readonly peoplePerDocument: number
  readonly edits: number
  readonly moves: number
  /** People who go and come back. */
  readonly returns: number
  /** People who stop reading for a while. */
  readonly naps: number
  /** Pastes of 1 MB into a document that two have open. */
  readonly pastes: number
}

export interface MixedReport {
  readonly edits: number
  readonly moves: number
  readonly returns: number
  readonly naps: number
  readonly pastes: number
  /** Connections that the server closed, and why. */
  readonly lost: readonly string[]
  readonly generatorCores: number
}

interface Person {
  session: Session
  readonly client: number
  /** The next character's clock, and the next state's. */
  clock: number
  moves: number
  here: boolean
}

const FIRST_CLIENT = 0x7000_0000
const PASTER = 0x7f00_0000
const PASTE_BYTES = 1_000_000
const OPENING = 50
const AWAY_MS = 1_000
const NAP_MS = 5_000
const KEPT_REASONS = 10

/** People who type, move, come, go, stop reading and paste. */
export class MixedLoad implements SessionListener {
  readonly #plan: MixedPlan
  readonly #people: Person[] = []
  readonly #schedules: readonly TypingSchedule[]
  readonly #counts = { edits: 0, moves: 0, returns: 0, naps: 0, pastes: 0 }
  readonly #lost: string[] = []
  readonly #timers = new Set<NodeJS.Timeout>()
  #pasters: Session[] = []
  #turn = 0
  #cpu = process.cpuUsage()
  #startedAt = 0

  constructor(plan: MixedPlan) {
    this.#plan = plan
    this.#schedules = [
      new TypingSchedule(plan.edits, () => this.#edit(this.#next())),
      new TypingSchedule(plan.moves, () => this.#move(this.#next())),
      new TypingSchedule(plan.returns, () => this.#leave(this.#next())),
      new TypingSchedule(plan.naps, () => this.#nap(this.#next())),
      new TypingSchedule(plan.pastes, () => this.#paste()),
    ]
  }

  async connect(): Promise<void> {
    const { documents, peoplePerDocument } = this.#plan
    const all = documents * peoplePerDocument
    while (this.#people.length < all) {
      const first = this.#people.length
      const opening = Array.from({ length: Math.min(OPENING, all - first) }, async (_, i) => {
        const session = this.#open(first + i)
        const client = FIRST_CLIENT + first + i
        await session.ready()
        return { session, client, clock: 0, moves: 1, here: true }
      })
      this.#people.push(...(await Promise.all(opening)))
    }
    this.#pasters = await Promise.all([this.#openPaster().ready(), this.#openPaster().ready()])
  }

  start(): void {
    this.#cpu = process.cpuUsage()
    this.#startedAt = performance.now()
    for (const schedule of this.#schedules) schedule.start()
  }

  /** Everybody goes. */
  stop(): MixedReport {
    for (const schedule of this.#schedules) schedule.stop()
    for (const timer of this.#timers) clearTimeout(timer)
    for (const { session } of this.#people) session.close()
    for (const session of this.#pasters) session.close()
    const { user, system } = process.cpuUsage(this.#cpu)
    const generatorCores = (user + system) / 1_000 / (performance.now() - this.#startedAt)
    return { ...this.#counts, lost: this.#lost.slice(0, KEPT_REASONS), generatorCores }
  }

  lost(_session: Session, reason: string): void {
    this.#lost.push(reason)
  }

  #open(index: number): Session {
    const { port, dialect, documents } = this.#plan
    return new Session({ port, dialect, documentId: `mixed-${index % documents}` }, this, index)
  }

  #openPaster(): Session {
    const { port, dialect } = this.#plan
    return new Session({ port, dialect, documentId: 'mixed-pastes' }, this)
  }

  #next(): Person | undefined {
    this.#turn = (this.#turn + 1) % this.#people.length
    return this.#people[this.#turn]
  }

  #edit(person: Person | undefined): void {
    if (person?.here !== true) return
    person.session.sendUpdate(insertUpdate(person.client, person.clock++))
    this.#counts.edits++
  }

  #move(person: Person | undefined): void {
    if (person?.here !== true) return
    const update = stateUpdate(person.session.index, person.moves++)
    person.session.socket.sendFrames(person.session.presenceFrame(update))
    this.#counts.moves++
  }

  #leave(person: Person | undefined): void {
    if (person?.here !== true) return
    person.here = false
    // What was sent last is to arrive: the next of this person follows it.
    person.session
      .answered()
      .then(() => person.session.close())
      .catch((error: unknown) => this.#lost.push(String(error)))
    this.#later(AWAY_MS, () => this.#comeBack(person))
  }

  #comeBack(person: Person): void {
    person.session = this.#open(person.session.index)
    person.session.ready().then(
      () => {
        person.here = true
        this.#counts.returns++
      },
      (error: unknown) => this.#lost.push(String(error)),
    )
  }

  #nap(person: Person | undefined): void {
    if (person?.here !== true) return
    const { socket } = person.session
    socket.pause()
    this.#counts.naps++
    this.#later(NAP_MS, () => socket.resume())
  }

  #paste(): void {
    this.#pasters[0]?.sendUpdate(pushedRun(PASTER, this.#counts.pastes++, PASTE_BYTES))
  }

  #later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, ms)
    this.#timers.add(timer)
  }
}

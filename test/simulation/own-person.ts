import { connect, type Room } from '@coscribe/client'
import { OfflineStore, type OfflineCopy } from '@coscribe/client/offline'
import { SeededRandom } from '../support/random.js'
import { CoverageSet } from './coverage-set.js'
import { Person, type PersonSetup, type Shown } from './person.js'
import type { ClockScope } from './sim-clock.js'

const URL = 'ws://server.test/'
/** Faults that no server of ours may bring about, whatever breaks. */
const forbidden = new Set([
  'bad-message',
  'bad-update',
  'protocol-error',
  'history-mismatch',
  'too-large',
  'closed',
])

/** Somebody with our own client. */
export class OwnPerson extends Person {
  readonly #copy: DeviceCopy | null
  #room: Room | null = null
  /** What this program brought into the document: its edits, and the copy that it began with. */
  #mine = new CoverageSet()

  /** @param keepsCopy whether what was done is on the device after a reload */
  constructor(setup: PersonSetup, keepsCopy: boolean) {
    super(setup)
    this.#copy = keepsCopy ? new DeviceCopy() : null
  }

  get others(): ReadonlyMap<number, unknown> {
    const others = this.#room?.presence.others ?? []
    return new Map(others.map(({ clientId, state }) => [clientId, state]))
  }

  get synced(): boolean {
    return this.#room?.status.connection === 'connected' && this.#room.status.save === 'saved'
  }

  get trouble(): string | null {
    const status = this.#room?.status
    return this.synced ? null : `${this.name} is ${JSON.stringify(status)}`
  }

  /** Stays away from the server until {@link comeBack}, and knows it. */
  goAway(): void {
    if (this.running) this.#room?.disconnect()
  }

  comeBack(): void {
    if (this.running) this.#room?.connect()
  }

  /** The copy on the device is gone: somebody cleared it. */
  forgetCopy(): void {
    this.#copy?.clear()
  }

  protected begin(): void {
    const { machine, setup, scope: clock } = this
    this.#mine = CoverageSet.of(this.#copy?.updates ?? [])
    const room = connect({
      url: URL,
      doc: this.documentId,
      ydoc: this.doc,
      WebSocket: machine.socketClass(),
      clock,
      network: machine,
      random: new SeededRandom(setup.random.below(2 ** 31)),
      user: { ...this.shown },
      ...(this.#copy === null ? {} : { offline: this.#copy.for(clock, setup.random) }),
    })
    this.#room = room
    room.on('save', (save) => {
      if (save === 'saved' && this.#room === room) this.#saved()
    })
    room.on('synced', (synced) => {
      if (synced) this.whole()
    })
    room.on('error', (error) => {
      if (error !== null && forbidden.has(error.code) && this.running) {
        setup.ledger.broken('I9', `${this.name} was told ${error.code}: ${error.message}`)
      }
    })
  }

  protected end(): void {
    this.#room?.destroy()
  }

  protected say(shown: Shown): void {
    this.#room?.presence.set({ ...shown })
  }

  protected changed(edit: () => void): void {
    const room = this.#room
    if (room === null) return
    const changes = this.changesOf(edit)
    this.#mine.addAll(changes)
    const { ledger } = this.setup
    room.whenSaved().then(
      () => ledger.acked(this.documentId, this.name, changes),
      // The program ended before.
      () => undefined,
    )
  }

  #saved(): void {
    const missing = this.setup.ledger.of(this.documentId).safe.lacks(this.#mine)
    if (missing === null) return
    this.setup.ledger.broken('I9', `${this.name} shows saved, but ${missing} is not on disk`)
  }
}

/** What a device keeps of a document; it outlives the program. */
class DeviceCopy {
  #updates: Uint8Array[] = []
  #historyId = ''

  get updates(): readonly Uint8Array[] {
    return this.#updates
  }

  clear(): void {
    this.#updates = []
    this.#historyId = ''
  }

  /** The copy as a program sees it, whose last write is lost when it ends in the middle of it. */
  for(clock: ClockScope, random: SeededRandom): OfflineStore {
    const delay = (): Promise<void> => clock.sleep(random.fraction() * 20)
    return new DeviceStore(
      async () => {
        await delay()
        return { historyId: this.#historyId, updates: [...this.#updates] }
      },
      async (updates, historyId) => {
        await delay()
        this.#updates.push(...updates)
        this.#historyId = historyId
      },
    )
  }
}

class DeviceStore extends OfflineStore {
  override readonly load: () => Promise<OfflineCopy>
  override readonly append: OfflineStore['append']

  constructor(load: () => Promise<OfflineCopy>, append: OfflineStore['append']) {
    super()
    this.load = load
    this.append = append
  }
}

import * as Y from 'yjs'
import { fingerprint } from './edits.js'
import { OwnPerson } from './own-person.js'
import type { Person } from './person.js'
import { StockPerson } from './stock-person.js'
import type { World } from './world.js'

/** How long everything may take to come to rest when nothing goes wrong any more, in milliseconds. */
const REST_MS = 180_000
const LOOK_EVERY_MS = 500
/** When tabs connect again, whatever their state. */
const TABS_MS = 100_000

/** Ends every fault; connections that went silent stay so until somebody notices. */
async function heal(world: World): Promise<void> {
  const { disk } = world
  disk.full = disk.unreadable = false
  await world.startServer()
  for (const person of world.people) {
    person.machine.reachable = true
    person.machine.reading = true
    person.machine.setOnline(true)
    if (person instanceof OwnPerson) person.comeBack()
  }
}

/** Lets the world come to rest, and checks what holds then. */
export async function comeToRest(world: World): Promise<void> {
  await heal(world)
  let trouble: string | null = null
  for (let waited = 0; waited < REST_MS; waited += LOOK_EVERY_MS) {
    await world.clock.advance(LOOK_EVERY_MS)
    if (world.ledger.violation !== null) return
    trouble = await troubleOf(world)
    if (trouble === null) return
    if (waited === TABS_MS) await reconnectTabs(world)
  }
  world.ledger.broken('I8', `no rest ${REST_MS / 1_000} s after the last fault: ${trouble}`)
}

/**
 * What a y-websocket provider hears from another tab it never passes on, so that the server gets it when one of them
 * connects again. But where the server knows that something is missing which one of them has, it has to ask.
 */
async function reconnectTabs(world: World): Promise<void> {
  for (const documentId of world.documents) {
    const { store } = await world.storedDocument(documentId)
    const people = world.around(documentId)
    const missing = [...(store.pendingStructs?.missing ?? [])]
    const has = ({ doc }: Person): boolean =>
      missing.some(([client, clock]) => Y.getState(doc.store, client) > clock)
    if (people.some(has)) continue
    for (const person of people) {
      if (person instanceof StockPerson && person.hasTabs) person.machine.dropLinks()
    }
  }
}

/** The first thing that is not as it is at rest, or `null`. */
async function troubleOf(world: World): Promise<string | null> {
  for (const documentId of world.documents) {
    const people = world.around(documentId)
    const trouble =
      people.map((person) => person.trouble).find((found) => found !== null) ??
      (await differenceOf(world, documentId, people)) ??
      people.map((person) => presenceTroubleOf(person, people)).find((found) => found !== null)
    if (trouble !== undefined && trouble !== null) return trouble
  }
  const living = world.people.filter((person) => person.running).length
  const { size } = world.server?.connections ?? new Set()
  return size === living ? null : `${size} connections for ${living} people`
}

async function differenceOf(
  world: World,
  documentId: string,
  people: readonly Person[],
): Promise<string | null> {
  if (people.length === 0) return null
  const disk = await world.storedDocument(documentId)
  const stored = fingerprint(disk)
  for (const person of people) {
    const own = fingerprint(person.doc)
    if (own !== stored) return `${person.name} has ${own}, the disk ${stored}`
  }
  // What waits for an edit that was lost with its author waits for ever, with everybody alike.
  for (const [client, clock] of disk.store.pendingStructs?.missing ?? []) {
    const known = Y.getState(disk.store, client)
    if (known > clock) return `something waits for ${client}:${clock}, which is there`
  }
  return null
}

function presenceTroubleOf(person: Person, people: readonly Person[]): string | null {
  const wanted = new Map<number, unknown>()
  for (const other of people) if (other !== person) wanted.set(other.doc.clientID, other.shown)
  const seen = person.others
  for (const [clientId, state] of wanted) {
    const shown = JSON.stringify(seen.get(clientId))
    if (shown !== JSON.stringify(state)) {
      return `${person.name} sees ${shown} of ${JSON.stringify(state)}`
    }
  }
  for (const [clientId, state] of seen) {
    if (!wanted.has(clientId)) return `${person.name} still sees ${JSON.stringify(state)}`
  }
  return null
}

const NEWCOMER = { kind: 'own', line: { latencyMs: 5, jitterMs: 0, windowBytes: 2_000 } } as const

/**
 * Everybody goes with all they have, and then the power. What was called saved is on the disk, and that is what
 * somebody new is shown.
 */
export async function outlive(world: World): Promise<void> {
  for (const person of world.people) {
    person.checkCharacters()
    person.die()
  }
  world.killServer(true)
  await world.startServer()
  for (const document of world.documents) {
    const newcomer = world.person({ ...NEWCOMER, document }, `newcomer to ${document}`)
    world.people.push(newcomer)
    newcomer.start()
  }
  await comeToRest(world)
  for (const person of world.people) if (person.running) person.checkCharacters()
}

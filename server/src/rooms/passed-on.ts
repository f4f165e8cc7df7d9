import { storedWalkLimits, UpdateScan, walkUpdate } from '@coscribe/shared'
import { contradict } from './contradiction.js'

/** Where the updates of a log are found by number. */
interface NumberedUpdates {
  updateAt(seq: number): Uint8Array | undefined
}

/** Of how many updates of a room this is remembered. */
const MAX_UPDATES = 64
/** And of how many bytes of them; larger ones are not noted. */
export const MAX_PASSED_ON_BYTES = 64 * 1024

interface Passed {
  readonly seq: number
  /** Who brought it. */
  readonly principal: string
  readonly bytes: number
  /** Up to which clock it has structs of whom. */
  readonly reaches: ReadonlyMap<number, number>
}

// Only used within one call.
const scratch = new UpdateScan()

/**
 * The latest updates that were taken from somebody who is not the author of what is in them, because the author was
 * away. When the author comes back and wrote something else under the same clocks, it is too late to store that; but
 * it must not be called saved because those clocks are known.
 */
export class PassedOn {
  readonly #log: NumberedUpdates
  #updates: Passed[] = []
  #bytes = 0
  /** Of all of them, so that typing is told apart by one look. */
  #reaches = new Map<number, number>()

  constructor(log: NumberedUpdates) {
    this.#log = log
  }

  /** Update number `seq` of the log, which was walked, has structs of these clients that somebody passed on. */
  note(seq: number, principal: string, scan: UpdateScan, clients: ReadonlySet<number>): void {
    const reaches = reachesOf(scan, clients)
    this.#updates.push({ seq, principal, bytes: scan.bytes.length, reaches })
    this.#bytes += scan.bytes.length
    addAll(this.#reaches, reaches)
    if (this.#updates.length <= MAX_UPDATES && this.#bytes <= MAX_PASSED_ON_BYTES) return
    while (this.#updates.length > MAX_UPDATES || this.#bytes > MAX_PASSED_ON_BYTES) {
      this.#bytes -= this.#updates.shift()?.bytes ?? 0
    }
    this.#reaches = new Map()
    for (const passed of this.#updates) addAll(this.#reaches, passed.reaches)
  }

  /**
   * Whether a walked update of `principal` says something else about what another passed on, as long as no snapshot
   * stands for that.
   */
  contradicts(principal: string, scan: UpdateScan): boolean {
    if (!touches(scan, this.#reaches)) return false
    return this.#updates.some(({ seq, principal: by, reaches }) => {
      const update =
        by !== principal && touches(scan, reaches) ? this.#log.updateAt(seq) : undefined
      return update !== undefined && differs(update, reaches, scan)
    })
  }
}

function reachesOf(scan: UpdateScan, clients: ReadonlySet<number>): Map<number, number> {
  const reaches = new Map<number, number>()
  for (let section = 0; section < scan.sectionCount; section++) {
    const client = scan.sectionClients[section]!
    const last = scan.sectionEndRow(section) - 1
    if (clients.has(client)) reaches.set(client, scan.clocks[last]! + scan.lengths[last]!)
  }
  return reaches
}

function addAll(to: Map<number, number>, reaches: ReadonlyMap<number, number>): void {
  for (const [client, reach] of reaches) to.set(client, Math.max(reach, to.get(client) ?? 0))
}

/** Whether the update has structs before these clocks. */
function touches(scan: UpdateScan, reaches: ReadonlyMap<number, number>): boolean {
  for (let section = 0; section < scan.sectionCount; section++) {
    const reach = reaches.get(scan.sectionClients[section]!)
    if (reach !== undefined && scan.clocks[scan.sectionRows[section]!]! < reach) return true
  }
  return false
}

function differs(
  update: Uint8Array,
  reaches: ReadonlyMap<number, number>,
  scan: UpdateScan,
): boolean {
  walkUpdate(update, scratch, storedWalkLimits)
  const sections = new Map<number, number>()
  for (let section = 0; section < scan.sectionCount; section++) {
    sections.set(scan.sectionClients[section]!, section)
  }
  for (let section = 0; section < scratch.sectionCount; section++) {
    const client = scratch.sectionClients[section]!
    const other = reaches.has(client) ? sections.get(client) : undefined
    if (other === undefined) continue
    if (contradict({ scan: scratch, section }, { scan, section: other })) return true
  }
  return false
}

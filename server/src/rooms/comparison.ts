import {
  RangeSet,
  storedWalkLimits,
  structKinds,
  UpdateScan,
  walkStructs,
  walkUpdate,
  type Clock,
} from '@coscribe/shared'
import { Rate } from '../rate.js'
import type { Authors } from './authors.js'
import { contradict, isBare, rowAt, type Section } from './contradiction.js'
import type { DocumentIndex } from './document-index.js'
import type { Peer, Refused } from './peer.js'
import type { ClockRange, RecordOffsets } from './record-offsets.js'
import type { Readiness } from './postponed.js'
import { refused } from './refusals.js'

/** What a comparison needs of its room. */
export interface ComparedRoom {
  /** What the document consists of. */
  readonly log: ComparedLog
  /** Reads the snapshot again if it was let go. */
  fetch(): Promise<boolean>
}

interface ComparedLog {
  /** Whether all records are in memory. */
  readonly complete: boolean
  /** The records, the last one first; `null` for those that are on disk only. */
  newestFirst(): Iterable<Uint8Array | null>
  /** Where the structs of a large record begin. */
  offsetsOf(record: Uint8Array): RecordOffsets | undefined
}

const MiB = 1024 * 1024
/** Bytes of the log that are read for one principal: about as many as a session may send. */
const BURST = 8 * MiB
const PACE = new Rate(MiB, BURST)
/** However much was read, a principal may have more read after so many milliseconds. */
const LONGEST_REST_MS = 10_000
/** A snapshot that cannot be read is asked for no more often; milliseconds. */
const FETCH_EVERY_MS = 2_000
/** Of so many principals it is remembered what was read, the latest. */
const MOST_AT_REST = 1_000
/** What looking at a record costs besides its bytes. */
const RECORD_BYTES = 512

const WRITTEN_FOR = refused('forged', 'somebody else wrote something else as this client')
const NOT_YET = refused('unconfirmed', 'what the document has of this client is being read')
const TOO_MUCH = refused('rate-limited', 'too much was sent that the document has already')

/** Structs of one client that were brought though their clocks are known. */
interface Repeated extends Section, ClockRange {
  /** Of which clocks it was looked up, or nothing is said. */
  readonly found: RangeSet
}

// Only used within one call.
const scratch = new UpdateScan()

/**
 * Compares what is brought under clocks that are known with what the document has there. A known clock says nothing of
 * what was written: whoever is first to bring a client's clocks is believed, and when the client's owner comes, who wrote
 * something else in a place without a connection, that has no room any more. It must not be called saved for that.
 *
 * The log is read from its end, so that what a broken connection has brought twice is found at once, and the snapshot
 * only for what came long ago.
 */
export class Comparison implements Readiness {
  readonly #clock: Clock
  readonly #room: ComparedRoom
  readonly #index: DocumentIndex
  /** When each principal may have everything read again; also those who left and come again. */
  readonly #restedAt = new Map<string, number>()
  readonly #authors: Pick<Authors, 'isRelay' | 'isDoubtful'>
  #skipped = false
  #fetchedAt = -Infinity

  constructor(
    clock: Clock,
    room: ComparedRoom,
    index: DocumentIndex,
    authors: Pick<Authors, 'isRelay' | 'isDoubtful'>,
  ) {
    this.#clock = clock
    this.#room = room
    this.#index = index
    this.#authors = authors
  }

  /** Whether something of the last update was not compared, since its sender only passes it on. */
  get skipped(): boolean {
    return this.#skipped
  }

  /** Why a walked update, some of whose clocks are known, must not be called known; or `null`, or that it has to wait. */
  verdict(peer: Peer, scan: UpdateScan): Refused | 'later' | null {
    const repeated = this.#repeatedIn(peer, scan)
    if (repeated.size === 0) return null
    const now = this.#clock.now()
    const restedAt = this.#restedAt.get(peer.principal) ?? now
    if (PACE.overdrawnMs(restedAt, now) > 0) return 'later'
    const bytes = { read: 0 }
    const verdict = this.#compare(repeated, bytes)
    const rested = Math.min(
      PACE.after(restedAt, bytes.read, now),
      PACE.after(now, BURST, now) + LONGEST_REST_MS,
    )
    this.#rest(peer.principal, Math.ceil(rested))
    scratch.clear()
    return verdict
  }

  isReady(peer: Peer): boolean {
    if (!this.#room.log.complete) {
      this.#fetch()
      return false
    }
    return PACE.overdrawnMs(this.#restedAt.get(peer.principal) ?? 0, this.#clock.now()) === 0
  }

  delay(): Refused {
    return this.#room.log.complete ? TOO_MUCH : NOT_YET
  }

  #rest(principal: string, until: number): void {
    this.#restedAt.delete(principal)
    this.#restedAt.set(principal, until)
    const [oldest = ''] = this.#restedAt.keys()
    if (this.#restedAt.size > MOST_AT_REST) this.#restedAt.delete(oldest)
  }

  #fetch(): void {
    const now = this.#clock.now()
    if (now < this.#fetchedAt + FETCH_EVERY_MS) return
    this.#fetchedAt = now
    void this.#room.fetch()
  }

  #compare(repeated: Map<number, Repeated>, bytes: { read: number }): Refused | 'later' | null {
    for (const record of this.#room.log.newestFirst()) {
      if (repeated.size === 0) return null
      if (record === null) {
        this.#fetch()
        return 'later'
      }
      bytes.read += RECORD_BYTES
      if (this.#differs(record, repeated, bytes)) return WRITTEN_FOR
    }
    return null
  }

  #differs(record: Uint8Array, repeated: Map<number, Repeated>, bytes: { read: number }): boolean {
    const offsets = this.#room.log.offsetsOf(record)
    if (offsets === undefined) {
      bytes.read += record.length
      walkUpdate(record, scratch, storedWalkLimits)
      return differs(repeated)
    }
    const missing = (client: number): Iterable<ClockRange> | null => missingOf(repeated.get(client))
    return offsets.within(missing).some(({ client, clock, structs, start, end }) => {
      bytes.read += end - start
      walkStructs(record, start, client, clock, structs, scratch)
      return differs(repeated)
    })
  }

  #repeatedIn(peer: Peer, scan: UpdateScan): Map<number, Repeated> {
    const repeated = new Map<number, Repeated>()
    this.#skipped = false
    for (let section = 0; section < scan.sectionCount; section++) {
      const range = this.#knownOf(scan, section)
      if (range === null) continue
      const client = scan.sectionClients[section]!
      if (this.#authors.isRelay(peer, client)) {
        this.#skipped = true
        continue
      }
      repeated.set(client, {
        ...range,
        scan,
        section,
        valuesMayDiffer: !this.#authors.isDoubtful(peer, client),
      })
    }
    return repeated
  }

  /** From the first known clock of a section of which something is said to behind the last. */
  #knownOf(scan: UpdateScan, section: number): Omit<Repeated, keyof Section> | null {
    const found = new RangeSet()
    const client = scan.sectionClients[section]!
    const state = this.#index.stateOf(client)
    let from = -1
    let to = -1
    const end = scan.sectionEndRow(section)
    for (let row = scan.sectionRows[section]!; row < end; row++) {
      if (isBare(scan.kinds[row]!)) continue
      const clock = scan.clocks[row]!
      const reach = clock + scan.lengths[row]!
      const waits = reach > state && this.#index.hasStructs(client, Math.max(clock, state), reach)
      if (clock >= state && !waits) continue
      if (from < 0) from = clock
      else if (to < clock) found.add(to, clock)
      to = waits ? reach : Math.min(reach, state)
    }
    return from < 0 ? null : { from, to, found }
  }
}

/** Of which clocks it was not looked up yet. */
function missingOf(repeated: Repeated | undefined): Iterable<ClockRange> | null {
  return repeated === undefined ? null : gapsOf(repeated)
}

function* gapsOf({ from, to, found }: Repeated): Generator<ClockRange> {
  let clock = from
  for (const [start, end] of found) {
    if (start > clock) yield { from: clock, to: start }
    clock = end
  }
  if (clock < to) yield { from: clock, to }
}

/** Whether what was just read says something else; what was found is not looked for any more. */
function differs(repeated: Map<number, Repeated>): boolean {
  for (let section = 0; section < scratch.sectionCount; section++) {
    const client = scratch.sectionClients[section]!
    const said = repeated.get(client)
    if (said === undefined) continue
    const stored = { scan: scratch, section }
    if (contradict(said, stored)) return true
    noteFound(said, stored)
    if (said.found.covers(said.from, said.to)) repeated.delete(client)
  }
  return false
}

function noteFound({ from, to, found }: Repeated, stored: Section): void {
  const { scan, section } = stored
  const end = scan.sectionEndRow(section)
  for (let row = rowAt(stored, from); row < end && scan.clocks[row]! < to; row++) {
    if (scan.kinds[row] === structKinds.skip) continue
    const clock = scan.clocks[row]!
    found.add(Math.max(from, clock), Math.min(to, clock + scan.lengths[row]!))
  }
}

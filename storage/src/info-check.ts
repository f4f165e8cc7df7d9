import { CoscribeError } from '@coscribe/shared'
import { joinPlans, type Plan } from './change-plan.js'
import { isLevelError, type DatabaseView, type Entry } from './database.js'
import { digestOf } from './digest-table.js'
import type { GuardedDatabase } from './guarded-database.js'
import { decodeHead } from './head.js'
import { decodeInfo, encodeInfo, placeOf, readStoredInfo } from './info.js'
import {
  idOf,
  idOfOrder,
  keyBehind,
  orderEnd,
  orderStart,
  rangeAfter,
  type KeyRange,
} from './keys.js'
import type { StoreLogger } from './opening.js'
import { checksumOf } from './sealed.js'
import { unknownInfo, type DocumentInfo } from './store.js'

/** How much is put right in one write. */
const BATCH = 500

/**
 * At a start: gives an info to each document that has content and no readable info (another build wrote it, the
 * process ended before it was written down, or it was damaged), lets infos say of the trash what the documents' heads
 * say, and makes the order of listings what the infos say.
 * Nearly always there is nothing to do, which is found out by reading both once. What cannot be put right stays as it is.
 */
export async function repairInfos(guard: GuardedDatabase, logger: StoreLogger): Promise<void> {
  try {
    // What a crash has left in groups has no head yet, and would be in no list until the start after this.
    await guard.settle()
    const given = await giveInfos(guard)
    const ordered = await orderInfos(guard, given.places)
    const infos = given.count + ordered
    if (infos > 0) logger.warn({ infos }, 'titles of documents were absent, damaged or misplaced')
  } catch (error) {
    if (!(error instanceof CoscribeError) && !isLevelError(error)) throw error
    logger.warn({ err: error }, 'the titles of documents could not be checked')
  }
}

/** One step of something that goes on from where it was. */
interface Step<Place> {
  readonly plans: readonly Plan[]
  /** `null` at the end. */
  readonly next: Place | null
}

/** Writes nothing while it reads: a write may have to wait until nobody does. @returns how much was written */
async function inSteps<Place>(
  guard: GuardedDatabase,
  start: Place,
  step: (view: DatabaseView, from: Place) => Promise<Step<Place>>,
): Promise<number> {
  let count = 0
  for (let from: Place | null = start; from !== null;) {
    const place: Place = from
    const { plans, next } = await guard.readAll((view) => step(view, place))
    if (plans.length > 0) await guard.change(() => Promise.resolve(joinPlans(plans)))
    count += plans.length
    from = next
  }
  return count
}

/** @returns how many, and the digest of the places of all infos that there are then */
async function giveInfos(guard: GuardedDatabase): Promise<{ count: number; places: bigint }> {
  let places = 0n
  const count = await inSteps(guard, '', async (view, after) => {
    const plans: Plan[] = []
    for await (const { id, head, info } of besides(view, after)) {
      const stored = info === undefined ? null : decodeInfo(...info)
      const known = head === undefined ? stored : agreed(head, stored)
      if (known === null) continue
      places ^= digestOfPlace(placeOf(id, known))
      if (known !== stored) plans.push(putPlan(id, known))
      if (plans.length === BATCH) return { plans, next: id }
    }
    return { plans, next: null }
  })
  return { count, places }
}

interface Beside {
  readonly id: string
  readonly head: Entry | undefined
  readonly info: Entry | undefined
}

/** Heads and infos side by side: both are sorted by id. */
async function* besides(view: DatabaseView, after: string): AsyncGenerator<Beside> {
  const heads = new Cursor(view, rangeAfter('head', after))
  const infos = new Cursor(view, rangeAfter('info', after))
  let head = await heads.next()
  let info = await infos.next()
  while (head !== undefined || info !== undefined) {
    const order = compareIds(head, info)
    const found = { head: order <= 0 ? head : undefined, info: order >= 0 ? info : undefined }
    const id = found.head ? idOf('head', found.head[0]) : idOf('info', found.info![0])
    if (id !== null) yield { id, ...found }
    if (found.head !== undefined) head = await heads.next()
    if (found.info !== undefined) info = await infos.next()
  }
}

/** Negative when the head's id comes first, or there is only a head; positive the other way round. */
function compareIds(head: Entry | undefined, info: Entry | undefined): number {
  if (head === undefined) return 1
  if (info === undefined) return -1
  return Buffer.compare(head[0].subarray(1), info[0].subarray(1))
}

/** What is known of a document with content: of the trash its head has the last word. */
function agreed([key, value]: Entry, stored: DocumentInfo | null): DocumentInfo | null {
  let trashedAt: number | null
  try {
    trashedAt = decodeHead(key, value).trashedAt
  } catch {
    // Damaged: whoever loads it is told. It is not given an info that may be wrong about the trash.
    return stored
  }
  if (stored === null) return { ...unknownInfo, trashedAt }
  return stored.trashedAt === trashedAt ? stored : { ...stored, trashedAt, trashedBy: null }
}

function putPlan(documentId: string, info: DocumentInfo): Plan {
  return { puts: encodeInfo(documentId, info), deletes: [], heads: [] }
}

/** Takes away places that no info has, and makes those that are absent, unless all is as `places` says. */
async function orderInfos(guard: GuardedDatabase, places: bigint): Promise<number> {
  if (await guard.readAll((view) => isOrdered(view, places))) return 0
  const removed = await inSteps(guard, orderStart, async (view, gte) => {
    const plans: Plan[] = []
    for await (const [key] of new Cursor(view, { gte, lt: orderEnd })) {
      if (!(await isPlace(view, key))) plans.push({ puts: [], deletes: [key], heads: [] })
      if (plans.length === BATCH) return { plans, next: keyBehind(key) }
    }
    return { plans, next: null }
  })
  const made = await inSteps(guard, '', async (view, after) => {
    const plans: Plan[] = []
    for await (const [key, value] of new Cursor(view, rangeAfter('info', after))) {
      const id = idOf('info', key)
      const info = decodeInfo(key, value)
      if (id === null || info === null) continue
      if ((await view.get(placeOf(id, info))) === undefined) plans.push(putPlan(id, info))
      if (plans.length === BATCH) return { plans, next: id }
    }
    return { plans, next: null }
  })
  return removed + made
}

async function isOrdered(view: DatabaseView, places: bigint): Promise<boolean> {
  let found = 0n
  for await (const [key] of new Cursor(view, { gte: orderStart, lt: orderEnd })) {
    found ^= digestOfPlace(key)
  }
  return found === places
}

/** Whether an info says that its place is here. */
async function isPlace(view: DatabaseView, key: Uint8Array): Promise<boolean> {
  const id = idOfOrder(key)
  if (id === null) return false
  const info = await readStoredInfo(view, id)
  return info ? Buffer.compare(placeOf(id, info), key) === 0 : false
}

function digestOfPlace(place: Uint8Array): bigint {
  return digestOf(checksumOf(place))
}

/** Readable entries of a range one after the other. */
class Cursor {
  readonly #pages: AsyncGenerator<readonly Entry[]>
  #page: readonly Entry[] = []
  #at = 0

  constructor(view: DatabaseView, range: KeyRange) {
    this.#pages = view.readablePages(range)
  }

  async next(): Promise<Entry | undefined> {
    while (this.#at === this.#page.length) {
      const { done, value } = await this.#pages.next()
      if (done === true) return undefined
      this.#page = value
      this.#at = 0
    }
    return this.#page[this.#at++]
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Entry> {
    for (let entry = await this.next(); entry !== undefined; entry = await this.next()) yield entry
  }
}

import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

/**
 * Cutting a large update into several that each fit into one message.
 *
 * The parts are valid Yjs updates of their own and come in an order in which the receiver can take up each at once: a
 * struct never travels before the ones it refers to (its neighbours at the time of writing, and its parent), and the
 * deletions come last. A receiver that gets only the first few parts has a consistent, shorter document.
 */

type Struct = Y.Item | Y.GC

interface DeleteRange {
  readonly clock: number
  readonly len: number
}

// Room for the counts and ids around the structs of one client in a part, and for one struct besides its content.
const SECTION_BYTES = 32
const STRUCT_BYTES = 64
// One range and, at worst, a client of its own.
const RANGE_BYTES = 32
const UTF8_BYTES_PER_UNIT = 3

/**
 * The parts of `update`, in the order in which to send them; `[update]` itself when it fits.
 *
 * @param maxBytes the largest part, at least 1,024
 * @param pieceBytes what a part of mere text takes at most, where that is less
 * @returns `null` when some struct can never fit (a single embedded value larger than `maxBytes`; long text is cut)
 */
export function splitUpdate(
  update: Uint8Array,
  maxBytes: number,
  pieceBytes = maxBytes,
): Uint8Array[] | null {
  if (update.length <= Math.min(maxBytes, pieceBytes)) return [update]
  const { structs, ds } = Y.decodeUpdate(update)
  const real = structs.filter((struct) => !(struct instanceof Y.Skip)) as Struct[]
  // Replicas act on what they see before the rest has come: with formatting or nested types that does harm.
  const partBytes = real.every(isPlain) ? Math.min(maxBytes, pieceBytes) : maxBytes
  if (update.length <= partBytes) return [update]
  const packer = new Packer(partBytes)
  for (const struct of inCausalOrder(real)) {
    for (const piece of cutText(struct, partBytes)) {
      if (!packer.add(piece)) return null
    }
  }
  packer.flush()
  return [...packer.parts, ...deleteParts(ds.clients, partBytes)]
}

function isPlain(struct: Struct): boolean {
  if (struct instanceof Y.GC) return true
  return struct.content instanceof Y.ContentString || struct.content instanceof Y.ContentDeleted
}

/** Collects structs until a part is full. */
class Packer {
  readonly parts: Uint8Array[] = []
  readonly #maxBytes: number
  #sections = new Map<number, Section>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Returns `false` for a struct that is larger than a part can be. */
  add(struct: Struct): boolean {
    const bytes = structBytes(struct)
    if (bytes.length + 2 * SECTION_BYTES > this.#maxBytes) return false
    const section = this.#sections.get(struct.id.client)
    const continues = section?.nextClock === struct.id.clock
    const added = bytes.length + (continues ? 0 : SECTION_BYTES)
    // A client has one section in an update, and clocks inside it are implied: after a gap a new part begins.
    if ((section !== undefined && !continues) || this.#bytes + added > this.#maxBytes) this.flush()
    this.#put(struct, bytes)
    return true
  }

  flush(): void {
    if (this.#sections.size > 0) this.parts.push(encodeSections(this.#sections))
    this.#sections = new Map()
    this.#bytes = 0
  }

  #put(struct: Struct, bytes: Uint8Array): void {
    const { client, clock } = struct.id
    let section = this.#sections.get(client)
    if (section === undefined) {
      section = { firstClock: clock, nextClock: clock, structs: [] }
      this.#sections.set(client, section)
      this.#bytes += SECTION_BYTES
    }
    section.structs.push(bytes)
    section.nextClock = clock + struct.length
    this.#bytes += bytes.length
  }
}

interface Section {
  readonly firstClock: number
  nextClock: number
  readonly structs: Uint8Array[]
}

function encodeSections(sections: ReadonlyMap<number, Section>): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, sections.size)
  for (const [client, section] of sections) {
    encoding.writeVarUint(encoder, section.structs.length)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, section.firstClock)
    for (const bytes of section.structs) encoding.writeUint8Array(encoder, bytes)
  }
  encoding.writeVarUint(encoder, 0)
  return encoding.toUint8Array(encoder)
}

function structBytes(struct: Struct): Uint8Array {
  const encoder = new Y.UpdateEncoderV1()
  struct.write(encoder, 0)
  return encoding.toUint8Array(encoder.restEncoder)
}

/** A text struct longer than a part as several, each continuing the one before, as if they had been typed so. */
function cutText(struct: Struct, maxBytes: number): Struct[] {
  const units = Math.floor((maxBytes - 2 * SECTION_BYTES - 2 * STRUCT_BYTES) / UTF8_BYTES_PER_UNIT)
  if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) return [struct]
  const text = struct.content.str
  if (text.length <= units) return [struct]
  const pieces: Y.Item[] = []
  for (let from = 0; from < text.length;) {
    const to = cutBefore(text, from + units)
    pieces.push(pieceOf(struct, text.slice(from, to), from))
    from = to
  }
  return pieces
}

function pieceOf(item: Y.Item, text: string, offset: number): Y.Item {
  const { client, clock } = item.id
  const origin = offset === 0 ? item.origin : Y.createID(client, clock + offset - 1)
  return new Y.Item(
    Y.createID(client, clock + offset),
    null,
    origin,
    null,
    item.rightOrigin,
    item.parent,
    item.parentSub,
    new Y.ContentString(text),
  )
}

/** `at`, or one less where a cut would separate the two halves of a character. */
function cutBefore(text: string, at: number): number {
  if (at >= text.length) return text.length
  const before = text.charCodeAt(at - 1)
  return before >= 0xd800 && before <= 0xdbff ? at - 1 : at
}

interface Queue {
  readonly structs: Struct[]
  /** Index of the first one that is not in order yet. */
  next: number
}

/**
 * The structs so that each comes after those it refers to. Works through one client's structs until one of them waits
 * for another client's, then takes the next of that one first; a struct is looked at a bounded number of times.
 */
function inCausalOrder(structs: readonly Struct[]): Struct[] {
  const queues = new Map<number, Queue>()
  for (const struct of structs) {
    const queue = queues.get(struct.id.client)
    if (queue === undefined) queues.set(struct.id.client, { structs: [struct], next: 0 })
    else queue.structs.push(struct)
  }
  const ordered: Struct[] = []
  for (const client of queues.keys()) drainQueue(client, queues, ordered)
  return ordered
}

function drainQueue(client: number, queues: ReadonlyMap<number, Queue>, ordered: Struct[]): void {
  // Clients, each waiting for a struct of the one above it.
  const stack = [client]
  const waiting = new Set(stack)
  for (let current = stack.at(-1); current !== undefined; current = stack.at(-1)) {
    const queue = queues.get(current)
    const struct = queue?.structs[queue.next]
    const awaited = struct === undefined ? undefined : awaitedClient(struct, queues)
    // A cycle cannot come from an editor; should bytes claim one, the receiver sorts it out as it would anyway.
    if (awaited !== undefined && !waiting.has(awaited)) {
      stack.push(awaited)
      waiting.add(awaited)
      continue
    }
    if (queue !== undefined && struct !== undefined) {
      ordered.push(struct)
      queue.next++
    }
    // Whoever is below waited for one struct only, perhaps for this one.
    if (struct === undefined || stack.length > 1) {
      stack.pop()
      waiting.delete(current)
    }
  }
}

/** A client with a struct that this one refers to and that is still to come. */
function awaitedClient(struct: Struct, queues: ReadonlyMap<number, Queue>): number | undefined {
  if (!(struct instanceof Y.Item)) return undefined
  const parent = struct.parent instanceof Y.ID ? struct.parent : null
  for (const id of [struct.origin, struct.rightOrigin, parent]) {
    if (id === null || id.client === struct.id.client) continue
    const queue = queues.get(id.client)
    const next = queue?.structs[queue.next]
    const last = queue?.structs.at(-1)
    if (next === undefined || last === undefined) continue
    if (next.id.clock <= id.clock && id.clock < last.id.clock + last.length) return id.client
  }
  return undefined
}

/**
 * What an update deletes of structs below a client's clock in `limits`, or at any clock where it has none, as an update
 * without structs; `null` when that is nothing.
 */
export function deletionsBelow(
  update: Uint8Array,
  limits: ReadonlyMap<number, number>,
): Uint8Array | null {
  const below = new Map<number, DeleteRange[]>()
  for (const [client, ranges] of Y.decodeUpdate(update).ds.clients) {
    const limit = limits.get(client) ?? Infinity
    const kept = ranges
      .filter(({ clock }) => clock < limit)
      .map(({ clock, len }) => ({ clock, len: Math.min(len, limit - clock) }))
    if (kept.length > 0) below.set(client, kept)
  }
  return below.size === 0 ? null : encodeDeletes(below)
}

/** The deletions alone, as updates without structs. */
function deleteParts(
  clients: ReadonlyMap<number, readonly DeleteRange[]>,
  maxBytes: number,
): Uint8Array[] {
  const perPart = Math.max(1, Math.floor((maxBytes - SECTION_BYTES) / RANGE_BYTES))
  const parts: Uint8Array[] = []
  let part = new Map<number, DeleteRange[]>()
  let count = 0
  for (const [client, ranges] of clients) {
    for (const range of ranges) {
      const list = part.get(client) ?? []
      list.push(range)
      part.set(client, list)
      count++
      if (count % perPart === 0) {
        parts.push(encodeDeletes(part))
        part = new Map()
      }
    }
  }
  return part.size > 0 ? [...parts, encodeDeletes(part)] : parts
}

function encodeDeletes(clients: ReadonlyMap<number, readonly DeleteRange[]>): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  encoding.writeVarUint(encoder, clients.size)
  for (const [client, ranges] of clients) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, ranges.length)
    for (const { clock, len } of ranges) {
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarUint(encoder, len)
    }
  }
  return encoding.toUint8Array(encoder)
}

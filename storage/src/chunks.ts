import { Damage } from './damage.js'
import { pieceKey } from './keys.js'
import {
  MAX_VARINT_BYTES,
  SealedReader,
  SealedWriter,
  type Checksum,
  type Sealed,
} from './sealed.js'
import type { Pace } from './pace.js'
import type { Snapshot } from './store.js'

const FORMAT = 1

/** Small enough to be read, checked and passed on without holding up anything else. */
const CHUNK_BYTES = 256 * 1024

/** A snapshot as stored: its manifest first, then its chunks. */
export interface SealedSnapshot {
  readonly pieces: readonly Sealed[]
  readonly manifest: Checksum
}

/** What a manifest says: the head pins the manifest, and the manifest pins every chunk. */
export interface Manifest {
  readonly upToSeq: number
  readonly partLengths: readonly number[]
  readonly chunks: readonly Checksum[]
}

/** Cuts the parts, laid end to end, into chunks. */
export async function encodeSnapshot(
  documentId: string,
  generation: number,
  snapshot: Snapshot,
  pace: Pace,
): Promise<SealedSnapshot> {
  const chunks: Sealed[] = []
  for (const pieces of cut(snapshot.parts)) {
    const chunk = sealChunk(pieceKey(documentId, generation, chunks.length + 1), pieces)
    chunks.push(chunk)
    await pace(chunk.value.length)
  }
  const manifest = sealManifest(pieceKey(documentId, generation, 0), snapshot, chunks)
  return { pieces: [manifest, ...chunks], manifest: manifest.checksum }
}

function sealChunk(key: Uint8Array, pieces: readonly Uint8Array[]): Sealed {
  const writer = new SealedWriter(key, CHUNK_BYTES)
  for (const piece of pieces) writer.bytes(piece)
  return writer.seal()
}

function sealManifest(key: Uint8Array, snapshot: Snapshot, chunks: readonly Sealed[]): Sealed {
  const { upToSeq, parts } = snapshot
  const capacity = 1 + (3 + parts.length) * MAX_VARINT_BYTES + chunks.length * 8
  const writer = new SealedWriter(key, capacity)
  writer.byte(FORMAT)
  writer.varint(upToSeq)
  writer.varint(parts.length)
  for (const part of parts) writer.varint(part.length)
  writer.varint(chunks.length)
  for (const chunk of chunks) writer.hex(chunk.checksum)
  return writer.seal()
}

/** Groups of views, {@link CHUNK_BYTES} in each but the last. */
function* cut(parts: readonly Uint8Array[]): Generator<Uint8Array[]> {
  let group: Uint8Array[] = []
  let room = CHUNK_BYTES
  for (const part of parts) {
    for (let start = 0; start < part.length;) {
      const piece = part.subarray(start, start + room)
      group.push(piece)
      start += piece.length
      room -= piece.length
      if (room === 0) {
        yield group
        group = []
        room = CHUNK_BYTES
      }
    }
  }
  if (group.length > 0) yield group
}

/** @throws Damage */
export function decodeManifest(key: Uint8Array, value: Uint8Array, pinned: Checksum): Manifest {
  const reader = new SealedReader(key, value)
  if (reader.checksum !== pinned) throw new Damage('the snapshot is not the one the head names')
  if (reader.byte() !== FORMAT) throw new Damage('the snapshot has an unknown format')
  const upToSeq = reader.varint()
  const partLengths = readList(reader, () => reader.varint())
  const chunks = readList(reader, () => reader.checksumField())
  reader.end()
  // Before memory is taken for the parts: what a manifest states may be as large as a number can be.
  const bytes = partLengths.reduce((sum, length) => sum + length, 0)
  if (Math.ceil(bytes / CHUNK_BYTES) !== chunks.length) {
    throw new Damage('a snapshot manifest states other sizes than its chunks have')
  }
  return { upToSeq, partLengths, chunks }
}

function readList<Item>(reader: SealedReader, read: () => Item): Item[] {
  const count = reader.varint()
  if (count > reader.remaining) throw new Damage('the snapshot manifest ends too early')
  return Array.from({ length: count }, read)
}

/** Puts the parts of a snapshot together from its chunks as they are read, holding nothing twice. */
export class SnapshotAssembler {
  readonly #manifest: Manifest
  readonly #parts: Uint8Array[]
  #chunk = 0
  #part = 0
  #filled = 0

  constructor(manifest: Manifest) {
    this.#manifest = manifest
    this.#parts = manifest.partLengths.map((length) => new Uint8Array(length))
    this.#skipFullParts()
  }

  /** @throws Damage when this is not the next chunk */
  add(key: Uint8Array, value: Uint8Array): void {
    const reader = new SealedReader(key, value)
    if (reader.checksum !== this.#manifest.chunks[this.#chunk]) {
      throw new Damage('a snapshot chunk is missing or not the one the manifest names')
    }
    this.#chunk += 1
    while (reader.remaining > 0) this.#fill(reader)
  }

  #fill(reader: SealedReader): void {
    const part = this.#parts[this.#part]
    if (part === undefined) throw new Damage('a snapshot has more bytes than its manifest says')
    const piece = reader.bytes(Math.min(reader.remaining, part.length - this.#filled))
    part.set(piece, this.#filled)
    this.#filled += piece.length
    this.#skipFullParts()
  }

  #skipFullParts(): void {
    while (this.#filled === this.#parts[this.#part]?.length) {
      this.#part += 1
      this.#filled = 0
    }
  }

  /** @throws Damage when chunks are missing */
  finish(): Snapshot {
    if (this.#chunk !== this.#manifest.chunks.length || this.#part !== this.#parts.length) {
      throw new Damage('the snapshot is not complete')
    }
    return { upToSeq: this.#manifest.upToSeq, parts: this.#parts }
  }
}

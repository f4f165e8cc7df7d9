import type { Snapshot, StoredDocument } from '@coscribe/storage'

/** The bytes of an open document: the snapshot's parts and the updates after it, in log order. */
export class RoomLog {
  #snapshot: Snapshot | null
  #tail: Uint8Array[]
  #tailFirstSeq: number
  #snapshotBytes: number
  #tailBytes: number

  constructor(stored: StoredDocument | undefined) {
    this.#snapshot = stored?.snapshot ?? null
    this.#tail = [...(stored?.tail ?? [])]
    this.#tailFirstSeq = stored?.tailFirstSeq ?? 1
    this.#snapshotBytes = byteLength(this.#snapshot?.parts ?? [])
    this.#tailBytes = byteLength(this.#tail)
  }

  /** Number of the last update taken, whether or not it is on disk; 0 for an empty log. */
  get headSeq(): number {
    return this.#tailFirstSeq + this.#tail.length - 1
  }

  /** The snapshot stands for everything up to this number; 0 without one. */
  get snapshotSeq(): number {
    return this.#tailFirstSeq - 1
  }

  get snapshotBytes(): number {
    return this.#snapshotBytes
  }

  get tailBytes(): number {
    return this.#tailBytes
  }

  get tailCount(): number {
    return this.#tail.length
  }

  append(update: Uint8Array): number {
    this.#tail.push(update)
    this.#tailBytes += update.length
    return this.headSeq
  }

  /** Every record up to and including `upToSeq`: the snapshot's parts, then that much of the tail. */
  records(upToSeq = this.headSeq): Uint8Array[] {
    const tail = this.#tail.slice(0, upToSeq - this.#tailFirstSeq + 1)
    return [...(this.#snapshot?.parts ?? []), ...tail]
  }

  /** How many of {@link records} are the snapshot's. */
  get partCount(): number {
    return this.#snapshot?.parts.length ?? 0
  }

  /** The updates after `seq`, or `null` if the snapshot already stands for some of them. */
  since(seq: number): Uint8Array[] | null {
    if (seq < this.snapshotSeq || seq > this.headSeq) return null
    return this.#tail.slice(seq - this.#tailFirstSeq + 1)
  }

  /** Puts a newer snapshot in place of everything it stands for; later updates stay. */
  fold(snapshot: Snapshot): void {
    const folded = this.#tail.splice(0, snapshot.upToSeq - this.#tailFirstSeq + 1)
    this.#tailBytes -= byteLength(folded)
    this.#tailFirstSeq = snapshot.upToSeq + 1
    this.#snapshot = snapshot
    this.#snapshotBytes = byteLength(snapshot.parts)
  }
}

function byteLength(updates: readonly Uint8Array[]): number {
  let bytes = 0
  for (const update of updates) bytes += update.length
  return bytes
}

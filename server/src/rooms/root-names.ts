import type { UpdateScan } from '@coscribe/shared'

/** The names of a document's root types. yjs keeps each for ever and searches them one by one when it encodes. */
export class RootNames {
  readonly #names = new Set<string>()
  readonly #decoder = new TextDecoder()
  // Most items that name a root type name the same one as the item before.
  #lastKnown = new Uint8Array(0)

  get size(): number {
    return this.#names.size
  }

  /** Whether there would be more than `limit` names with those in the update. */
  wouldExceed(scan: UpdateScan, limit: number): boolean {
    let fresh: Set<string> | null = null
    for (let root = 0; root < scan.rootCount; root++) {
      if (this.#isLastKnown(scan, root)) continue
      const name = this.#name(scan, root)
      if (this.#names.has(name)) continue
      fresh ??= new Set()
      fresh.add(name)
      if (this.#names.size + fresh.size > limit) return true
    }
    return false
  }

  add(scan: UpdateScan): void {
    for (let root = 0; root < scan.rootCount; root++) {
      if (this.#isLastKnown(scan, root)) continue
      this.#names.add(this.#name(scan, root))
      this.#lastKnown = nameBytes(scan, root).slice()
    }
  }

  #name(scan: UpdateScan, root: number): string {
    return this.#decoder.decode(nameBytes(scan, root))
  }

  #isLastKnown(scan: UpdateScan, root: number): boolean {
    const start = scan.rootStarts[root]!
    const length = scan.rootEnds[root]! - start
    // An empty name is a name too, but looks like the initial value.
    if (length === 0 || length !== this.#lastKnown.length) return false
    for (let i = 0; i < length; i++) {
      if (scan.bytes[start + i] !== this.#lastKnown[i]) return false
    }
    return true
  }
}

function nameBytes(scan: UpdateScan, root: number): Uint8Array {
  const start: number = scan.rootStarts[root]!
  const end: number = scan.rootEnds[root]!
  return scan.bytes.subarray(start, end)
}

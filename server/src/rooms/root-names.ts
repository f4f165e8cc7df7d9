import type { UpdateScan } from '@coscribe/shared'

const MAX_ASCII = 0x7f
const utf8 = new TextDecoder()

/** The names of a document's root types. yjs keeps each for ever and searches them one by one when it encodes. */
export class RootNames {
  // Most items that name a root type name the same one as the item before.
  #last: string | null = null
  /** All of them, from the second on: most documents have one. */
  #all: Set<string> | null = null

  get size(): number {
    return this.#all?.size ?? (this.#last === null ? 0 : 1)
  }

  /** Whether there would be more than `limit` names with those in the update. */
  wouldExceed(scan: UpdateScan, limit: number): boolean {
    let fresh: Set<string> | null = null
    for (let root = 0; root < scan.rootCount; root++) {
      if (this.#isLast(scan, root)) continue
      const name = nameOf(scan, root)
      if (this.#has(name)) continue
      fresh ??= new Set()
      fresh.add(name)
      if (this.size + fresh.size > limit) return true
    }
    return false
  }

  add(scan: UpdateScan): void {
    for (let root = 0; root < scan.rootCount; root++) {
      if (this.#isLast(scan, root)) continue
      this.#add(nameOf(scan, root))
    }
  }

  #has(name: string): boolean {
    return this.#all?.has(name) ?? name === this.#last
  }

  #add(name: string): void {
    if (this.#last !== null) {
      this.#all ??= new Set([this.#last])
      this.#all.add(name)
    }
    this.#last = name
  }

  /** Whether it is the last name again, if that is all ASCII: told without making a string. */
  #isLast(scan: UpdateScan, root: number): boolean {
    const start = scan.rootStarts[root]!
    const length = scan.rootEnds[root]! - start
    const last = this.#last
    if (last === null || length !== last.length) return false
    for (let i = 0; i < length; i++) {
      const byte = scan.bytes[start + i]!
      if (byte > MAX_ASCII || byte !== last.charCodeAt(i)) return false
    }
    return true
  }
}

function nameOf(scan: UpdateScan, root: number): string {
  return utf8.decode(scan.bytes.subarray(scan.rootStarts[root], scan.rootEnds[root]))
}

import { checksumOf, type Checksum } from './sealed.js'

/** Three hex digits of an id's checksum choose its bucket. */
const BUCKETS = 4096

/**
 * A fingerprint of all heads: documents are spread over buckets by their id, and a bucket's digest is the XOR of the
 * checksums of its heads. It tells an absent, an added and an old head from the right one without naming it, in 32
 * KiB however many documents there are.
 */
export class DigestTable {
  readonly #digests: BigUint64Array

  constructor(digests: BigUint64Array = new BigUint64Array(BUCKETS)) {
    this.#digests = digests
  }

  static bucketOf(documentId: string): number {
    return Number.parseInt(checksumOf(Buffer.from(documentId)).slice(0, 3), 16)
  }

  /** @returns the table in a form {@link fromBytes} reads */
  toBytes(): Uint8Array {
    const bytes = Buffer.alloc(DigestTable.BYTES)
    for (const [bucket, digest] of this.#digests.entries())
      bytes.writeBigUInt64BE(digest, bucket * 8)
    return bytes
  }

  static readonly BYTES = BUCKETS * 8

  /** @param bytes {@link DigestTable.BYTES} of them */
  static fromBytes(bytes: Uint8Array): DigestTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const digests = new BigUint64Array(BUCKETS).map((_, bucket) => view.getBigUint64(bucket * 8))
    return new DigestTable(digests)
  }

  copy(): DigestTable {
    return new DigestTable(this.#digests.slice())
  }

  get(bucket: number): bigint {
    return this.#digests[bucket] ?? 0n
  }

  set(bucket: number, digest: bigint): void {
    this.#digests[bucket] = digest
  }

  /** Puts a head in, or takes it out: the same operation. */
  toggle(bucket: number, checksum: Checksum): void {
    this.set(bucket, this.get(bucket) ^ digestOf(checksum))
  }

  /** One number for the whole table. */
  total(): bigint {
    return this.#digests.reduce((total, digest) => total ^ digest, 0n)
  }

  /** The buckets in which two tables differ. */
  differences(other: DigestTable): Set<number> {
    const differing = new Set<number>()
    for (const [bucket, digest] of this.#digests.entries()) {
      if (other.get(bucket) !== digest) differing.add(bucket)
    }
    return differing
  }
}

export function digestOf(checksum: Checksum): bigint {
  return BigInt(`0x${checksum}`)
}

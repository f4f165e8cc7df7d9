/** Randomness as a value, so that a test can seed it. */
export interface Random {
  /** A number in [0, 1), for jitter and sampling; not for secrets. */
  fraction(): number
  /** `length` unpredictable bytes, for ids and secrets. */
  bytes(length: number): Uint8Array
}

interface HostCrypto {
  crypto: { getRandomValues<Target extends Uint8Array>(target: Target): Target }
}

/** So many bytes are drawn from the machine at once: asking costs more than the bytes do. */
const POOL_BYTES = 1024

let pool = new Uint8Array(0)

/** The next `length` bytes of the pool, which are in nobody else's hands. */
function drawn(length: number): Uint8Array {
  if (pool.length < length) {
    const fresh = new Uint8Array(Math.max(POOL_BYTES, length))
    pool = (globalThis as unknown as HostCrypto).crypto.getRandomValues(fresh)
  }
  const bytes = pool.slice(0, length)
  // What was handed out is not kept: it may be a secret.
  pool.fill(0, 0, length)
  pool = pool.subarray(length)
  return bytes
}

/** The machine's randomness. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: drawn,
}

const DIGITS = /* @__PURE__ */ Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** `length` random bytes as lower-case hex (two characters a byte). */
export function randomHex(random: Random, length: number): string {
  const codes: number[] = []
  for (const byte of random.bytes(length)) codes.push(DIGITS[byte >> 4]!, DIGITS[byte & 15]!)
  // Made at once, because a string that is put together piece by piece keeps all its pieces in memory.
  return String.fromCharCode(...codes)
}

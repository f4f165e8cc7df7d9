/** Randomness as a value, so that a test can seed it. */
export interface Random {
  /** A number in [0, 1), for jitter and sampling; not for secrets. */
  fraction(): number
  /** `length` unpredictable bytes, for ids and secrets. */
  bytes(length: number): Uint8Array
}

interface HostCrypto {
  crypto: { getRandomValues(target: Uint8Array): Uint8Array }
}

/** The machine's randomness. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (length) =>
    (globalThis as unknown as HostCrypto).crypto.getRandomValues(new Uint8Array(length)),
}

/** `length` random bytes as lower-case hex (two characters a byte). */
export function randomHex(random: Random, length: number): string {
  // Joined, because a string that is put together piece by piece keeps all its pieces in memory.
  return Array.from(random.bytes(length), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

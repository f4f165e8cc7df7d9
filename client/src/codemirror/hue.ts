/** Hues that people are told apart by; an index counts steps of 22.5 degrees. */
export const HUES = 16
/** Goes through all hues, each far from the one before. */
const STRIDE = 5

/** The hue that a person has by default. */
export function hueOf(key: string): number {
  // FNV-1a: spreads names that differ in one letter.
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0
  }
  return ((hash ^ (hash >>> 16)) >>> 0) % HUES
}

/** `wanted`, or if somebody has it the next one that nobody has, or `wanted` when all are taken. */
export function freeHue(wanted: number, taken: ReadonlySet<number>): number {
  for (let i = 0; i < HUES; i++) {
    const hue = (wanted + i * STRIDE) % HUES
    if (!taken.has(hue)) return hue
  }
  return wanted
}

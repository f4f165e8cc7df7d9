/** How many rounds a test runs: a positive integer from the environment, or `fallback`. */
export function count(name: string, fallback: number): number {
  const text = process.env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new TypeError(`${name} is a positive integer, got ${text}`)
  }
  return value
}

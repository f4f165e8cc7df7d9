import * as Y from 'yjs'

/** How much of a value an error repeats, in characters. */
const SHOWN = 60

/** A value as an error shows it: enough to be recognised, and not more than fits on a line. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value)
  }
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  return `an object (${value.constructor?.name ?? 'without a class'})`
}

/** What an option has to be, in words and as a test. */
export type Expected = readonly [what: string, fits: (value: unknown) => boolean]

/**
 * Checks options against a table of all there are.
 *
 * @param required names of those that cannot be left out
 * @throws TypeError that says what is wrong, what was given and what is taken
 */
export function checkOptions(
  caller: string,
  options: unknown,
  table: Readonly<Record<string, Expected>>,
  required: readonly string[],
): void {
  if (!isObject(options)) {
    throw new TypeError(`${caller} takes an object of options, got ${shown(options)}`)
  }
  for (const name of new Set([...required, ...Object.keys(options)])) {
    if (!Object.hasOwn(table, name)) {
      throw new TypeError(`${caller} has no option ${shown(name)}; ${insteadOf(name, table)}`)
    }
    const value = options[name]
    const [what = '', fits] = table[name] ?? []
    if (value === undefined && !required.includes(name)) continue
    if (fits?.(value) === true) continue
    // A credential is in no error.
    const given = name === 'token' ? typeof value : shown(value)
    throw new TypeError(`${caller}: ${name} is ${what}, got ${given}`)
  }
}

function insteadOf(name: string, table: Readonly<Record<string, Expected>>): string {
  const meant = Object.keys(table).find((other) => lettersOf(other) === lettersOf(name))
  return meant === undefined ? `it takes ${Object.keys(table).join(', ')}` : `use ${meant}`
}

/** A name without what people write it differently with. */
function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '')
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

/**
 * Two copies of yjs in one program each take the other's documents for something else, and edits go missing.
 *
 * @param name of what was given
 * @throws TypeError for what is not a `Y.Doc` or `Y.Text` of the yjs that this package imports
 */
export function checkYjs(name: string, value: unknown, type: typeof Y.Doc | typeof Y.Text): void {
  if (value instanceof type) return
  const kind = type === Y.Doc ? 'Y.Doc' : 'Y.Text'
  if (!isObject(value) || !isFunction(value[type === Y.Doc ? 'getText' : 'applyDelta'])) {
    throw new TypeError(`${name} is a ${kind}, got ${shown(value)}`)
  }
  throw new TypeError(
    `${name} is a ${kind} of another copy of yjs than @coscribe/client uses. There has to be one: see \`npm ls yjs\`, ` +
      "then `npm dedupe`, or tell the bundler (Vite: resolve.dedupe: ['yjs']), or use the Y that this package exports",
  )
}

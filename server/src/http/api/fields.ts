interface Optional {
  /** Absent means that it must be there. */
  readonly optional?: true
}

interface TextField extends Optional {
  readonly type: 'text'
  /** In UTF-16 code units. */
  readonly maxLength: number
  /** An empty text is accepted; by default it is not. */
  readonly allowEmpty?: true
}

interface IntegerField extends Optional {
  readonly type: 'integer'
  readonly min: number
  readonly max: number
}

type Field = TextField | IntegerField

/** What the body of a request may hold, by name; anything else in it is refused. */
export type Fields = Readonly<Record<string, Field>>

type ValueOf<F extends Field> = F extends TextField ? string : number

/** The values of checked fields. */
export type ValuesOf<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends { readonly optional: true }
    ? ValueOf<F[Name]> | undefined
    : ValueOf<F[Name]>
}

/** Values by name, without those that are absent. */
export type FieldValues = Readonly<Record<string, string | number>>

/** The fields of a JSON text, or one sentence about what is wrong with it, which repeats nothing of it. */
export function fieldsFrom(
  json: string,
  fields: Fields,
): { readonly values: FieldValues } | { readonly fault: string } {
  const parsed = parsedObject(json)
  if (parsed === null) return { fault: 'the body must be one JSON object' }
  if (repeatsName(json)) return { fault: 'the body has a field twice' }
  if (Object.keys(parsed).some((name) => !Object.hasOwn(fields, name))) {
    return { fault: `the body may hold ${listOf(Object.keys(fields))}, and nothing else` }
  }
  const values: Record<string, string | number> = {}
  for (const [name, field] of Object.entries(fields)) {
    const value = parsed[name]
    if (value === undefined && field.optional === true) continue
    if (!fits(value, field)) return { fault: `"${name}" must be ${described(field)}` }
    values[name] = value
  }
  return { values }
}

function parsedObject(json: string): Record<string, unknown> | null {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    // The one way to get here: no JSON.
    return null
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Record<string, unknown>) : null
}

/** Strings with what may follow them, and what changes the depth. */
const TOKENS = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g

/**
 * Whether a name stands twice at the top of an object. Parsers differ in which of the two counts, so something on the
 * way may have looked at the other one.
 *
 * @param json what `JSON.parse` has accepted
 */
function repeatsName(json: string): boolean {
  const seen = new Set<string>()
  let depth = 0
  for (const [token, isName] of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (isName !== undefined && depth === 1) {
      const name = JSON.parse(token.slice(0, -isName.length)) as string
      if (seen.has(name)) return true
      seen.add(name)
    }
  }
  return false
}

function fits(value: unknown, field: Field): value is string | number {
  if (field.type === 'text') {
    if (typeof value !== 'string' || value.length > field.maxLength) return false
    return value !== '' || field.allowEmpty === true
  }
  return Number.isInteger(value) && Number(value) >= field.min && Number(value) <= field.max
}

function described(field: Field): string {
  return field.type === 'text'
    ? `a text of ${field.allowEmpty === true ? 0 : 1} to ${field.maxLength} characters`
    : `a whole number from ${field.min} to ${field.max}`
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}

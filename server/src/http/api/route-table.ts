import type { ApiRoute } from './api-route.js'

/** What is at a path. */
export interface Found {
  readonly byMethod: ReadonlyMap<string, ApiRoute>
  readonly parameters: Readonly<Record<string, string>>
}

interface Entry {
  readonly segments: readonly string[]
  readonly byMethod: Map<string, ApiRoute>
}

/** Routes by path and method. */
export class RouteTable {
  readonly #entries = new Map<string, Entry>()

  constructor(routes: readonly ApiRoute[]) {
    for (const route of routes) {
      const { path, method } = route
      const entry = this.#entries.get(path) ?? { segments: path.split('/'), byMethod: new Map() }
      entry.byMethod.set(method, route)
      this.#entries.set(path, entry)
    }
  }

  /** @param path below `/api/v1`, still percent-encoded */
  find(path: string): Found | null {
    const segments = path.split('/')
    for (const entry of this.#entries.values()) {
      const parameters = parametersOf(entry.segments, segments)
      if (parameters !== null) return { byMethod: entry.byMethod, parameters }
    }
    return null
  }
}

/** The methods that are possible at a path, as the header `Allow` lists them. */
export function allowed({ byMethod }: Found): string {
  const methods = [...byMethod.keys()]
  return [...methods, ...(byMethod.has('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
}

/** The parameters with which a pattern becomes the path, or `null` if it cannot. */
function parametersOf(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | null {
  if (pattern.length !== segments.length) return null
  const parameters: Record<string, string> = {}
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? ''
    const name = /^\{(.+)\}$/.exec(expected)?.[1]
    if (name === undefined) {
      if (segment !== expected) return null
      continue
    }
    const value = decoded(segment)
    if (value === null || value === '') return null
    parameters[name] = value
  }
  return parameters
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    // The one way to get here: escapes that do not spell UTF-8, and so nothing's name.
    return null
  }
}

import type { DatabaseView } from './database.js'
import { idOf, keyBehind, rangeAfter, type Section } from './keys.js'
import type { DocumentPage } from './store.js'

/**
 * A page of ids. Looks in all sections: a damaged document may have lost any of them.
 *
 * @param others ids that may be in no section yet
 */
export async function listPage(
  view: DatabaseView,
  after: string,
  limit: number,
  others: readonly string[],
): Promise<DocumentPage> {
  const cursor = Buffer.from(after)
  const ids = new Set(others.filter((id) => Buffer.compare(Buffer.from(id), cursor) > 0))
  for (const section of ['head', 'log', 'snapshot'] as const) {
    let count = 0
    await visitIds(view, section, after, (id) => {
      ids.add(id)
      count += 1
      return count <= limit
    })
  }
  const sorted = [...ids].map((id) => Buffer.from(id)).sort((a, b) => Buffer.compare(a, b))
  const page = sorted.slice(0, limit).map((id) => id.toString())
  return { ids: page, next: sorted.length > limit ? (page.at(-1) ?? null) : null }
}

/** Visits each id of a section once, in order, until `visit` returns `false`. */
export async function visitIds(
  view: DatabaseView,
  section: Section,
  after: string,
  visit: (id: string) => boolean,
): Promise<void> {
  await view.skim(rangeAfter(section, after), (key) => {
    const id = idOf(section, key)
    // A key that no store of ours wrote: damage made it. Step over it alone.
    if (id === null) return keyBehind(key)
    return visit(id) ? rangeAfter(section, id).gte : null
  })
}

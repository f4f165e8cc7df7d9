import type { Page } from 'playwright-core'
import * as Y from 'yjs'

/** What a page said and did, noted in the page itself. */
interface Notes {
  /** Own tokens that were complete when the page, or its room, said that everything is saved. */
  readonly claimed: Set<string>
  /** Every update of the document, as Latin-1. */
  readonly updates: string[]
  /** How often the page said it. */
  claims: number
}

declare global {
  interface Window {
    coscribeNotes?: Notes
  }
}

/**
 * Notes in a page every token that its "saved" has ever covered: by each status of its room, and by what stood on the
 * screen at each frame. To be begun before anything is written; tokens read `<name.number>`.
 */
export class PageLog {
  readonly #page: Page

  private constructor(page: Page) {
    this.#page = page
  }

  static async begin(page: Page, name: string): Promise<PageLog> {
    await page.evaluate(takeNotes, name)
    return new PageLog(page)
  }

  /** What was ever covered, and how often the page said so. */
  async claims(): Promise<{ readonly tokens: readonly string[]; readonly count: number }> {
    return this.#page.evaluate(() => ({
      tokens: [...(window.coscribeNotes?.claimed ?? [])],
      count: window.coscribeNotes?.claims ?? 0,
    }))
  }

  /** The page's document, put together from every update it had. */
  async replica(): Promise<Y.Doc> {
    const updates = await this.#page.evaluate(() => window.coscribeNotes?.updates ?? [])
    const doc = new Y.Doc()
    for (const update of updates) Y.applyUpdate(doc, Buffer.from(update, 'latin1'))
    return doc
  }
}

/** Runs in the page. */
function takeNotes(name: string): void {
  const room = document.querySelector('coscribe-editor')?.room
  const line = document.querySelector('coscribe-status')?.shadowRoot?.querySelector('.line')
  if (room === undefined || line === undefined || line === null) throw new Error('not open yet')
  const notes: Notes = { claimed: new Set(), updates: [], claims: 0 }
  window.coscribeNotes = notes
  const own = new RegExp(`<${name}\\.\\d+>`, 'g')
  const claim = (): void => {
    notes.claims++
    for (const [token] of room.text('content').toString().matchAll(own)) notes.claimed.add(token)
  }
  room.ydoc.on('update', (update) => {
    notes.updates.push(Array.from(update, (byte) => String.fromCharCode(byte)).join(''))
  })
  room.on('status', ({ save }) => {
    if (save === 'saved') claim()
  })
  const look = (): void => {
    if (line.textContent.includes('Saved')) claim()
    requestAnimationFrame(look)
  }
  look()
}

import { connect } from '@coscribe/client'
import { WebSocket } from 'ws'
import type { BrowserPeople, BrowserPerson } from '../support/browser-people.js'
import { Crowd, type CrowdCounts } from './crowd.js'
import type { Row } from './table.js'

/** What CodeMirror calls itself at the next frame: draws, and reads the layout. */
interface Measuring {
  measure(): void
}

const LINES = 20_000
const LINE = 'A line of a text that people write together, long enough to be one.'
/** In the middle of what is on the screen. */
const OWN_LINE = 10_000
const crowds = [
  { counts: { typists: 20, carets: 0, selectors: 0 }, who: '20 remote typists', limit: 1.5 },
  {
    counts: { typists: 0, carets: 50, selectors: 5 },
    who: '50 carets and 5 selections of everything',
    limit: 2,
  },
] as const
const ROUNDS = 12
const STROKES = 60
/** The keys of the first rounds warm up. */
const WARM_UP = 2 * STROKES

/**
 * What a key costs one person in the middle of a crowd, against the same editor alone: the crowd comes and goes between
 * blocks of keys in one page. (Of two pages that are open at once, browsers serve one better than the other.)
 */
export async function measureKeystrokes(people: BrowserPeople, url: string): Promise<Row[]> {
  const rows: Row[] = []
  for (const [index, { counts, who, limit }] of crowds.entries()) {
    const samples = await amongOthers(people, url, `keystrokes-${index}`, counts)
    const what = `a key, ${LINES} lines, with ${who}`
    rows.push({ what, floor: 'the same editor alone', ...samples, limit })
    await people.leave()
  }
  return rows
}

async function amongOthers(
  people: BrowserPeople,
  url: string,
  doc: string,
  counts: CrowdCounts,
): Promise<Pick<Row, 'ours' | 'base'>> {
  const person = await openText(people, url, doc)
  const others = counts.typists + counts.carets + counts.selectors
  const firstLine = OWN_LINE - Math.ceil((counts.typists + counts.carets) / 2)
  const crowd = await Crowd.gather(url, doc, { ...counts, firstLine })
  const samples = { alone: [] as number[], crowded: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    await crowd.come()
    await sees(person, others)
    samples.crowded.push(...(await typeBlock(person)))
    if (round === ROUNDS - 1) await expectCursors(person, counts)
    crowd.go()
    await sees(person, 0)
    samples.alone.push(...(await typeBlock(person)))
  }
  crowd.leave()
  return { ours: samples.crowded.slice(WARM_UP), base: samples.alone.slice(WARM_UP) }
}

/** Resolves when so many others are in the document, and in the editor. */
async function sees({ page }: BrowserPerson, others: number): Promise<void> {
  await page.waitForFunction((count) => {
    const editor = document.querySelector('coscribe-editor')
    const carets = editor?.shadowRoot?.querySelectorAll('.cm-coscribeCaret').length ?? 0
    return editor?.room?.presence.others.length === count && carets > 0 === count > 0
  }, others)
}

async function openText(people: BrowserPeople, url: string, doc: string): Promise<BrowserPerson> {
  const author = connect({ url, doc, WebSocket })
  author.text('content').insert(0, `${LINE}\n`.repeat(LINES))
  await author.whenSaved()
  author.destroy()
  const person = await people.person({ context: { viewport: { width: 1280, height: 800 } } })
  await person.open(`${url}/d/${doc}`)
  await person.page.evaluate((line) => {
    const view = document.querySelector('coscribe-editor')?.handle?.view
    const anchor = (view?.state.doc.line(line).from ?? 0) + 30
    view?.dispatch({ selection: { anchor }, scrollIntoView: true })
  }, OWN_LINE)
  return person
}

/** Milliseconds of each of a block of keys, from the browser's input event to a text that is laid out. */
async function typeBlock({ page }: BrowserPerson): Promise<number[]> {
  return page.evaluate(async (strokes) => {
    const view = document.querySelector('coscribe-editor')?.handle?.view
    if (view === undefined) throw new Error('there is no editor')
    view.focus()
    const times: number[] = []
    for (let stroke = 0; stroke < strokes; stroke++) {
      // Others' edits and cursors come in between.
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
      const before = performance.now()
      document.execCommand('insertText', false, 'x')
      // CodeMirror reads the browser's change in a microtask, and draws cursors when it measures.
      await Promise.resolve()
      ;(view as unknown as Measuring).measure()
      view.scrollDOM.getBoundingClientRect()
      times.push(performance.now() - before)
    }
    return times
  }, STROKES)
}

/** The figure would mean nothing if nobody were seen. */
async function expectCursors(
  { page }: BrowserPerson,
  { typists, carets, selectors }: CrowdCounts,
): Promise<void> {
  const seen = await page.locator('.cm-coscribeCaret').count()
  const boxes = await page.locator('.cm-coscribeSelection').count()
  // Half of the carets stand above the screen or below it, in lines that are drawn all the same or not.
  if (seen < (typists + carets) / 2 || boxes < selectors) {
    throw new Error(`only ${seen} carets and ${boxes} boxes of selections are on the screen`)
  }
}

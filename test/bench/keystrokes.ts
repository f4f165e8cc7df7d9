import { connect } from '@coscribe/client'
import { WebSocket } from 'ws'
import type { BrowserPeople, BrowserPerson } from '../support/browser-people.js'
import { Crowd } from './crowd.js'
import type { Row } from './table.js'

/** What CodeMirror calls itself at the next frame: draws, and reads the layout. */
interface Measuring {
  measure(): void
}

const LINES = 20_000
const LINE = 'A line of a text that people write together, long enough to be one.'
/** In the middle of what is on the screen. */
const OWN_LINE = 10_000
const TYPISTS = 20
const SELECTORS = 10
const ROUNDS = 12
const STROKES = 80
const WARM_UP_STROKES = 1_500

/**
 * What a key costs one person in the middle of a crowd, against the same page and text alone. Both pages are open at
 * the same time, and take turns.
 */
export async function measureKeystrokes(people: BrowserPeople, url: string): Promise<Row[]> {
  const [alone, crowded] = [
    await openText(people, url, 'alone'),
    await openText(people, url, 'crowded'),
  ]
  const crowd = await Crowd.join(url, 'crowded', {
    typists: TYPISTS,
    selectors: SELECTORS,
    firstLine: OWN_LINE - TYPISTS / 2,
  })
  await crowded.page.waitForFunction(
    (all) => document.querySelector('coscribe-editor')?.room?.presence.others.length === all,
    TYPISTS + SELECTORS,
  )
  // A page in a crowd has run the editor's code more often than one alone: both shall have it compiled.
  for (const person of [alone, crowded]) await warmUp(person)
  const samples = { alone: [] as number[], crowded: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    samples.alone.push(...(await typeBlock(alone)))
    samples.crowded.push(...(await typeBlock(crowded)))
  }
  await expectCursors(crowded)
  crowd.leave()
  // The first rounds warm up.
  const kept = 2 * STROKES
  return [
    {
      what: `a key, ${LINES} lines, with ${TYPISTS} remote typists and ${SELECTORS} selections of everything`,
      floor: 'the same page alone',
      ours: samples.crowded.slice(kept),
      base: samples.alone.slice(kept),
      limit: 1.5,
    },
  ]
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

async function warmUp({ page }: BrowserPerson): Promise<void> {
  await page.bringToFront()
  await page.evaluate((strokes) => {
    const view = document.querySelector('coscribe-editor')?.handle?.view
    if (view === undefined) throw new Error('there is no editor')
    view.focus()
    for (let stroke = 0; stroke < strokes; stroke++) {
      const { head } = view.state.selection.main
      view.dispatch({ changes: { from: head, insert: 'x' }, selection: { anchor: head + 1 } })
      ;(view as unknown as Measuring).measure()
      view.dispatch({ changes: { from: head, to: head + 1 } })
      ;(view as unknown as Measuring).measure()
    }
  }, WARM_UP_STROKES)
}

/** Milliseconds of each of a block of keys, from the browser's input event to a text that is laid out. */
async function typeBlock({ page }: BrowserPerson): Promise<number[]> {
  await page.bringToFront()
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
async function expectCursors({ page }: BrowserPerson): Promise<void> {
  const carets = await page.locator('.cm-coscribeCaret').count()
  const selections = await page.locator('.cm-coscribeSelection').count()
  if (carets < TYPISTS / 2 || selections < SELECTORS) {
    throw new Error(`only ${carets} carets and ${selections} boxes of selections are on the screen`)
  }
}

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { connect, Y } from '@coscribe/client'
import { WebSocket } from 'ws'
import type { Page } from 'playwright-core'
import type { CoscribeGlobal } from '../../client/src/editor/script.js'
import type { BrowserPeople } from '../support/browser-people.js'
import { seededRandom } from '../support/random.js'
import { loadTrace } from '../support/trace.js'
import type { Row } from './table.js'

/** A page with the embed script in it. */
interface Embedded {
  readonly Coscribe: CoscribeGlobal
}

/** What CodeMirror calls itself at the next frame: draws, and reads the layout. */
interface Measuring {
  measure(): void
}

const ROUNDS = 24
const WARM_UP = 4
const SCATTERED = 60_000
const LARGE_BYTES = 5_000_000
const embed = fileURLToPath(new URL('../../server/page/coscribe-editor.js', import.meta.url))

/**
 * What it takes until a document with a long history is in an editor, against Yjs and a bare CodeMirror, each in a
 * shadow root of its own. The second row of each adds what no editor can save: a connection and the server's work.
 */
export async function measureOpening(people: BrowserPeople, url: string): Promise<Row[]> {
  const trace = loadTrace()
  return [
    ...(await measureDocument(people, url, 'scattered', scattered())),
    ...(await measureDocument(people, url, 'large', large())),
    ...(await measureDocument(people, url, 'trace', { ...trace, what: trace.source })),
  ]
}

interface Written {
  readonly what: string
  /** What it may take of the floor. */
  readonly limit?: number
  readonly edits: Edits
}

/** A text of 1 MB, each piece of which was put somewhere into what was there. */
function scattered(): Written {
  const random = seededRandom(1)
  const piece = 'scattered pieces '
  const edits = Array.from({ length: SCATTERED }, (_, index) => ({
    position: random.below(index * piece.length + 1),
    deleted: 0,
    inserted: index % 4 === 0 ? `${piece.trim()}\n` : piece,
  }))
  return { what: `1 MB of ${SCATTERED} scattered inserts`, edits }
}

/** A long text that was put in in one go. */
function large(): Written {
  const line = 'A line of a long text, as somebody brings it from elsewhere.\n'
  const inserted = line.repeat(LARGE_BYTES / line.length)
  return { what: '5 MB of text', limit: 1.5, edits: [{ position: 0, deleted: 0, inserted }] }
}

async function measureDocument(
  people: BrowserPeople,
  url: string,
  doc: string,
  written: Written,
): Promise<Row[]> {
  const bytes = await store(url, doc, written.edits)
  const { page } = await people.person({ context: { bypassCSP: true } })
  // A page of the server with nothing on it; browsers keep pages from elsewhere away from this machine.
  await page.goto(`${url}/healthz`)
  await page.addScriptTag({ content: await readFile(embed, 'utf8') })
  const encoded = Buffer.from(bytes).toString('base64')
  const samples = { bare: [] as number[], given: [] as number[], server: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    samples.bare.push(await openBare(page, encoded))
    samples.given.push(await openGiven(page, encoded))
    samples.server.push(await openFromServer(page, url, doc))
  }
  await people.leave()
  const what = `opening ${written.what}, ${Math.round(bytes.length / 1024)} KiB`
  const base = samples.bare.slice(WARM_UP)
  const floor = 'Y.applyUpdate and a bare CodeMirror with that text'
  const given = samples.given.slice(WARM_UP)
  const server = samples.server.slice(WARM_UP)
  return [
    {
      what: `${what}: editor mounted and filled`,
      floor,
      ours: given,
      base,
      limit: written.limit ?? 1.3,
    },
    {
      what: `${what}: from the server, connecting included`,
      floor,
      ours: server,
      base,
      limit: null,
    },
  ]
}

type Edits = ReturnType<typeof loadTrace>['edits']

/** Writes the trace, stores it as a document, and returns it as one update. */
async function store(url: string, doc: string, edits: Edits): Promise<Uint8Array> {
  const ydoc = new Y.Doc()
  const text = ydoc.getText('content')
  for (const { position, deleted, inserted } of edits) {
    if (deleted > 0) text.delete(position, deleted)
    if (inserted !== '') text.insert(position, inserted)
  }
  const room = connect({ url, doc, ydoc, WebSocket })
  await room.whenSaved()
  room.destroy()
  return Y.encodeStateAsUpdate(ydoc)
}

function openBare(page: Page, encoded: string): Promise<number> {
  return page.evaluate((base64) => {
    const { mountEditor, connect: open, Y: Yjs } = (window as unknown as Embedded).Coscribe
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const host = document.body.appendChild(document.createElement('div'))
    // The class of the same CodeMirror.
    const room = open({ url: 'ws://127.0.0.1:9', doc: 'none' })
    const handle = mountEditor(host, { room })
    const EditorView = handle.view.constructor as typeof handle.view.constructor & {
      new (config: { doc: string; parent: Element; root: ShadowRoot }): typeof handle.view
    }
    handle.destroy()
    room.destroy()
    const before = performance.now()
    // Its styles are new there, as they are in a page that was just loaded.
    const root = host.attachShadow({ mode: 'open' })
    const parent = root.appendChild(document.createElement('div'))
    parent.style.height = '700px'
    const ydoc = new Yjs.Doc()
    Yjs.applyUpdate(ydoc, bytes)
    const view = new EditorView({ doc: ydoc.getText('content').toString(), parent, root })
    ;(view as unknown as Measuring).measure()
    view.dom.getBoundingClientRect()
    const took = performance.now() - before
    view.destroy()
    host.remove()
    return took
  }, encoded)
}

function openGiven(page: Page, encoded: string): Promise<number> {
  return page.evaluate((base64) => {
    const { mountEditor, connect: open, Y: Yjs } = (window as unknown as Embedded).Coscribe
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const parent = document.body.appendChild(document.createElement('div'))
    parent.style.height = '700px'
    const room = open({ url: 'ws://127.0.0.1:9', doc: 'none' })
    const before = performance.now()
    const handle = mountEditor(parent, { room })
    const { view } = handle
    // As the server's answer arrives: in an editor that is open and empty.
    Yjs.applyUpdate(room.ydoc, bytes, room)
    ;(view as unknown as Measuring).measure()
    view.dom.getBoundingClientRect()
    const took = performance.now() - before
    if (view.state.doc.length !== room.text('content').length) throw new Error('not shown')
    handle.destroy()
    room.destroy()
    parent.remove()
    return took
  }, encoded)
}

function openFromServer(page: Page, url: string, doc: string): Promise<number> {
  return page.evaluate(
    async ([address, id]) => {
      const { mountEditor, connect: open } = (window as unknown as Embedded).Coscribe
      const parent = document.body.appendChild(document.createElement('div'))
      parent.style.height = '700px'
      const before = performance.now()
      const room = open({ url: address, doc: id })
      const handle = mountEditor(parent, { room })
      await room.whenReady()
      ;(handle.view as unknown as Measuring).measure()
      handle.view.dom.getBoundingClientRect()
      const took = performance.now() - before
      if (handle.view.state.doc.length < 10_000) throw new Error('not shown')
      handle.destroy()
      room.destroy()
      parent.remove()
      return took
    },
    [url, doc] as const,
  )
}

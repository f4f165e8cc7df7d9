import type { CoscribeEditor } from '@coscribe/client/editor'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type * as Y from 'yjs'
import { BrowserPeople, isDevelopment, type BrowserPerson } from '../support/browser-people.js'
import { addressOf, INSTALLED, startProgram, startVitePage } from '../support/example.js'
import { eventually } from '../support/eventually.js'
import { RestartableServer } from '../support/restartable-server.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

interface PageExample {
  readonly name: string
  readonly documentId: string
  /** Starts it for a server; returns its address. */
  readonly start: (server: string) => Promise<string>
  /** Resolves when the page says that all is saved. */
  readonly saved: (page: Page) => Promise<unknown>
  readonly stored: (doc: Y.Doc) => string
}

const inStatusLine = (page: Page): Promise<void> =>
  page.getByText('connected, saved', { exact: true }).waitFor()
const content = (doc: Y.Doc): string => doc.getText('content').toString()

const examples: readonly PageExample[] = [
  {
    name: 'script-tag',
    documentId: 'example-script-tag',
    start: (server) =>
      addressOf(startProgram('script-tag', 'serve.mjs', [server.replace('ws', 'http'), '0'])),
    saved: (page) =>
      page.waitForFunction(
        () =>
          document.querySelector<CoscribeEditor>('coscribe-editor')?.room?.status.save === 'saved',
      ),
    stored: content,
  },
  {
    name: 'vite-react',
    documentId: 'example-vite-react',
    start: (server) => startVitePage('vite-react', server),
    saved: (page) => page.getByText(/^saved, /).waitFor(),
    stored: content,
  },
  {
    name: 'own-codemirror',
    documentId: 'example-own-codemirror',
    start: (server) => startVitePage('own-codemirror', server),
    saved: inStatusLine,
    stored: content,
  },
  {
    name: 'prosemirror',
    documentId: 'example-prosemirror',
    start: (server) => startVitePage('prosemirror', server),
    saved: inStatusLine,
    stored: (doc) => doc.getXmlFragment('prosemirror').toString(),
  },
]

async function serverForTest(): Promise<RestartableServer> {
  const server = await RestartableServer.started()
  onTestFinished(() => server.remove())
  return server
}

function textOf({ page }: BrowserPerson): Locator {
  return page.getByRole('textbox')
}

async function write(person: BrowserPerson, words: string): Promise<void> {
  await textOf(person).click()
  await person.page.keyboard.press('ControlOrMeta+End')
  await person.page.keyboard.type(words)
}

describe('[E160] the example', () => {
  it.each(examples)(
    '$name: two people see what each writes, and it is on disk',
    async ({ documentId, start, saved, stored }) => {
      const server = await serverForTest()
      const address = await start(server.url)
      const [ada, ben] = await Promise.all([people.person(), people.person()])
      for (const person of [ada, ben]) {
        await person.page.goto(address)
        await person.page.locator('[contenteditable=true]').waitFor()
      }
      await write(ada, 'from Ada')
      await textOf(ben).filter({ hasText: 'from Ada' }).waitFor()
      await write(ben, ', from Ben')
      await textOf(ada).filter({ hasText: 'from Ada, from Ben' }).waitFor()
      await Promise.all([saved(ada.page), saved(ben.page)])
      const errors = [...ada.errors, ...ben.errors].filter((error) => !isDevelopment(error))
      expect(errors).toEqual([])
      await people.leave()
      await server.stop()
      expect(stored(await server.storedDoc(documentId))).toContain('from Ada, from Ben')
    },
  )

  it('y-websocket: a line typed in one terminal appears in the other, and is on disk', async () => {
    const server = await serverForTest()
    const run = (): ReturnType<typeof startProgram> =>
      startProgram('y-websocket', 'index.mjs', [server.url, 'terminals'])
    const [ada, ben] = [run(), run()]
    await eventually('both are connected', () =>
      [ada, ben].every((each) => each.output().includes('(connected)')),
    )
    ada.process.stdin?.write('from Ada\n')
    await eventually('Ben sees it', () => ben.output().includes('> from Ada'))
    await Promise.all([ada.interrupt(), ben.interrupt()])
    await server.stop()
    const doc = await server.storedDoc('terminals')
    expect(doc.getArray('lines').toJSON()).toEqual(['from Ada'])
  })

  it('script-tag ends on Ctrl-C, and says nothing of an error', async () => {
    const example = startProgram('script-tag', 'serve.mjs', ['http://127.0.0.1:1', '0'])
    const address = await addressOf(example)
    await example.interrupt()
    // Around what `npm start` has started there is a shell, which ends by the same key.
    expect(INSTALLED ? [0, 'SIGINT'] : [0]).toContain(example.ending())
    expect(example.output()).not.toMatch(/error/i)
    await expect(fetch(address)).rejects.toThrow()
  })
})

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CoscribeEditor } from '@coscribe/client/editor'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { launchChromium } from './chromium.js'

const builtPage = fileURLToPath(new URL('../../server/page/index.html', import.meta.url))

/** A machine that does other things takes its time; only what hangs shall fail. */
const PATIENCE_MS = 90_000
const POLL_MS = 50

/** One browser, and in it one context per person. */
export class BrowserPeople {
  readonly #browser: Browser
  readonly #contexts: BrowserContext[] = []
  readonly #installs: boolean

  private constructor(browser: Browser, installs: boolean) {
    this.#browser = browser
    this.#installs = installs
  }

  /**
   * @param launch how to start the browser; a Chromium unless something else is said
   * @param installs whether pages are kept for use without a server, as they are unless something else is said; that
   *   costs as much as opening them
   */
  static async start({ launch = launchChromium, installs = true } = {}): Promise<BrowserPeople> {
    if (!existsSync(builtPage))
      throw new Error('the page is not built: run `npm test`, which builds it')
    return new BrowserPeople(await launch(), installs)
  }

  /** A new person with a browser of their own. Scripts in `before` run before those of any page. */
  async person(options: PersonOptions = {}): Promise<BrowserPerson> {
    const context = await this.#browser.newContext({
      viewport: { width: 1024, height: 768 },
      // A caret that blinks is drawn sixty times a second, which takes a twentieth of a core for each page.
      reducedMotion: 'reduce',
      ...options.context,
    })
    this.#contexts.push(context)
    context.setDefaultTimeout(PATIENCE_MS)
    if (!(options.installs ?? this.#installs)) await context.addInitScript(installNothing)
    for (const script of options.before ?? []) await context.addInitScript(script)
    return new BrowserPerson(context, await context.newPage())
  }

  /** One more tab of the same browser. */
  async tab({ context }: BrowserPerson): Promise<BrowserPerson> {
    return new BrowserPerson(context, await context.newPage())
  }

  /** Closes everybody's pages; the browser stays. */
  async leave(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()))
  }

  async stop(): Promise<void> {
    await this.#browser.close()
  }
}

export interface PersonOptions {
  readonly context?: Parameters<Browser['newContext']>[0]
  readonly before?: readonly (() => void)[]
  /** As for {@link BrowserPeople.start}, whose word counts otherwise. */
  readonly installs?: boolean
}

/** Runs in the page: whether the shared text and the editor both read so. */
function isShown(text: string): boolean {
  const editor = document.querySelector<CoscribeEditor>('coscribe-editor')
  return (
    editor?.room?.text('content').toString() === text &&
    editor.handle?.view.state.doc.toString() === text
  )
}

/** Runs in the page, to which installing is begun and takes for ever. */
function installNothing(): void {
  if (!('serviceWorker' in navigator)) return
  ServiceWorkerContainer.prototype.register = () => new Promise(() => undefined)
}

/** Whether a complaint is only that a library runs as it does in development. */
export function isDevelopment(complaint: string): boolean {
  return complaint.startsWith('Lit is in dev mode.')
}

/** What somebody sees and does in one tab. */
export class BrowserPerson {
  readonly context: BrowserContext
  readonly page: Page
  /** What the browser complained about. */
  readonly errors: string[] = []

  constructor(context: BrowserContext, page: Page) {
    this.context = context
    this.page = page
    page.on('pageerror', (error) => {
      // Firefox runs what is to run before a page in the empty one too, which has no memory.
      if (page.url() !== 'about:blank') this.errors.push(String(error))
    })
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.errors.push(message.text())
    })
  }

  get text(): Locator {
    return this.page.getByRole('textbox', { name: 'Text', exact: true })
  }

  get title(): Locator {
    return this.page.getByRole('textbox', { name: 'Title' })
  }

  get status(): Locator {
    return this.page.locator('coscribe-status')
  }

  /** Opens a document, at a server's own address a new one, and waits until it is here and saved. */
  async open(address: string): Promise<void> {
    const isServer = new URL(address).pathname === '/'
    await this.page.goto(isServer ? new URL('/new', address).href : address)
    await this.saved()
  }

  async saved(): Promise<void> {
    await this.page.locator('coscribe-status[data-save=saved]').waitFor()
  }

  /** Resolves when the server has given the document this title. */
  async titled(wanted: string): Promise<void> {
    await this.page.waitForFunction(
      (title) =>
        document.querySelector<CoscribeEditor>('coscribe-editor')?.room?.info?.title === title,
      wanted,
      { polling: POLL_MS },
    )
  }

  /**
   * Writes at the end of the text: with a key, and the rest of a line at once, as phones do with a word. A key takes 20 ms
   * of CPU, and most tests are not about typing; {@link typed} is.
   */
  async write(text: string): Promise<void> {
    const [first = '', ...rest] = text
    await this.typed(first)
    if (rest.length === 0) return
    if (text.includes('\n')) await this.page.keyboard.type(rest.join(''))
    else await this.page.keyboard.insertText(rest.join(''))
  }

  /** Writes at the end of the text, key by key. */
  async typed(text: string): Promise<void> {
    await this.text.focus()
    await this.page.keyboard.press('ControlOrMeta+End')
    await this.page.keyboard.type(text)
  }

  /** The machine loses its network, and says so. */
  async unplug(): Promise<void> {
    await this.page.evaluate(() => {
      Object.defineProperty(navigator, 'onLine', { value: false, configurable: true })
      document.querySelector<CoscribeEditor>('coscribe-editor')?.room?.disconnect()
      window.dispatchEvent(new Event('offline'))
    })
  }

  /** The network is back. */
  async plugIn(): Promise<void> {
    await this.page.evaluate(() => {
      Object.defineProperty(navigator, 'onLine', { value: true, configurable: true })
      window.dispatchEvent(new Event('online'))
      document.querySelector<CoscribeEditor>('coscribe-editor')?.room?.connect()
    })
  }

  /**
   * From here on time stands still in the page, but for what `page.clock` lets pass: what it offers for a few seconds
   * only would be gone on a busy machine. Nothing of it is drawn then that waits for a timer or a frame.
   */
  async stopTime(): Promise<void> {
    // Ahead by more than it takes to say so: no clock goes back.
    const ahead = await this.page.evaluate(() => Date.now() + 10_000)
    await this.page.clock.pauseAt(ahead)
  }

  /** The shared text, as this tab has it. */
  content(): Promise<string> {
    return this.page.evaluate(
      () =>
        document
          .querySelector<CoscribeEditor>('coscribe-editor')
          ?.room?.text('content')
          .toString() ?? '',
    )
  }

  /** What the editor shows, as CodeMirror has it. */
  shown(): Promise<string> {
    return this.page.evaluate(
      () =>
        document
          .querySelector<CoscribeEditor>('coscribe-editor')
          ?.handle?.view.state.doc.toString() ?? '',
    )
  }

  /** Resolves when both the shared text and the editor read so. */
  async reads(wanted: string): Promise<void> {
    // With each frame, as it is otherwise, to look costs more than what is looked for.
    await this.page.waitForFunction(isShown, wanted, { polling: POLL_MS })
  }
}

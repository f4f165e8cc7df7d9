import { writeFile } from 'node:fs/promises'
import type { BrowserPeople, BrowserPerson } from '../support/browser-people.js'
import { PARAGRAPHS, TITLE } from './text.js'

/** How a picture is taken. */
export interface SceneOptions {
  readonly dark?: boolean
  /** CSS pixels; 1280 × 800 by default. */
  readonly size?: { readonly width: number; readonly height: number }
  /** Device pixels for each CSS pixel; 1 by default. */
  readonly density?: number
  readonly touch?: boolean
  /** Nothing is written yet, and nobody else is here. */
  readonly empty?: boolean
  /** More people who are here, and do nothing. */
  readonly others?: readonly string[]
  /** Runs in the page before its own scripts. */
  readonly script?: () => void
}

/** One person reads and is pictured while another writes. */
export class Scene {
  readonly reader: BrowserPerson

  private constructor(reader: BrowserPerson) {
    this.reader = reader
  }

  static async open(people: BrowserPeople, address: string, options: SceneOptions): Promise<Scene> {
    const writer = options.empty === true ? null : await enter(people, address, 'Ines')
    if (writer !== null) await compose(writer)
    for (const name of options.others ?? []) await enter(people, address, name)
    const reader = await enter(people, address, 'Ben', options)
    const scene = new Scene(reader)
    await reader.status
      .getByText(/^Saved/)
      .first()
      .waitFor()
    if (writer === null) return scene
    await reader.reads(PARAGRAPHS.join('\n\n'))
    await select(reader, 'before it', 'before it'.length)
    await select(writer, 'folds a coat into a pillow')
    await reader.page.locator('.cm-coscribeCaret-named').waitFor()
    return scene
  }

  async take(file: string): Promise<void> {
    await this.reader.page.screenshot({ path: file, animations: 'disabled' })
  }

  /** A small picture for a README. */
  async keep(file: string): Promise<void> {
    const { context, page } = this.reader
    const session = await context.newCDPSession(page)
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 85 })
    await writeFile(file, Buffer.from(data, 'base64'))
  }
}

async function enter(
  people: BrowserPeople,
  address: string,
  name: string,
  options: SceneOptions = {},
): Promise<BrowserPerson> {
  const person = await people.person({
    context: {
      viewport: options.size ?? { width: 1280, height: 800 },
      deviceScaleFactor: options.density ?? 1,
      colorScheme: options.dark === true ? 'dark' : 'light',
      hasTouch: options.touch ?? false,
    },
    before: options.script === undefined ? [] : [options.script],
  })
  await person.context.addInitScript((own) => localStorage.setItem('coscribe.name', own), name)
  await person.open(address)
  return person
}

async function compose(writer: BrowserPerson): Promise<void> {
  await writer.title.fill(TITLE)
  await writer.text.focus()
  await writer.page.keyboard.insertText(PARAGRAPHS.join('\n\n'))
  await writer.saved()
}

/** Selects `phrase`, from `offset` on. */
async function select(person: BrowserPerson, phrase: string, offset = 0): Promise<void> {
  await person.text.focus()
  await person.page.evaluate(
    ([wanted, from]) => {
      const view = document.querySelector('coscribe-editor')?.handle?.view
      const start = view?.state.doc.toString().indexOf(wanted) ?? 0
      const range = { anchor: start + from, head: start + wanted.length }
      view?.dispatch({ selection: range, userEvent: 'select' })
    },
    [phrase, offset] as const,
  )
}

import type { CDPSession } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startTestServer } from '../support/test-server.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** The browser's own input method, driven as one of the system is. */
class InputMethod {
  readonly #session: CDPSession
  readonly #person: BrowserPerson

  private constructor(session: CDPSession, person: BrowserPerson) {
    this.#session = session
    this.#person = person
  }

  static async of(person: BrowserPerson): Promise<InputMethod> {
    await person.page.evaluate(() => {
      for (const type of ['compositionstart', 'compositionend']) {
        document.addEventListener(type, () => {
          document.documentElement.dataset['composing'] = String(type === 'compositionstart')
        })
      }
    })
    return new InputMethod(await person.context.newCDPSession(person.page), person)
  }

  /** Shows `text` as what may become of the keys so far. */
  async compose(text: string): Promise<void> {
    const { length } = text
    await this.#session.send('Input.imeSetComposition', {
      text,
      selectionStart: length,
      selectionEnd: length,
    })
  }

  /** Ends the composition with `text`. */
  async choose(text: string): Promise<void> {
    await this.#session.send('Input.insertText', { text })
  }

  /** Whether the browser is still composing: whoever changes the text around it ends that. */
  async isComposing(): Promise<boolean> {
    const { page } = this.#person
    return (await page.evaluate(() => document.documentElement.dataset['composing'])) === 'true'
  }
}

/** Writes into the shared text of a tab as another person, line and column counted from 0. */
function insert(person: BrowserPerson, line: number, column: number, text: string): Promise<void> {
  return person.page.evaluate(
    ([inLine, inColumn, inserted]) => {
      const view = document.querySelector('coscribe-editor')?.handle?.view
      if (view === undefined) throw new Error('there is no editor')
      const from = view.state.doc.line(inLine + 1).from + inColumn
      view.dispatch({ changes: { from, insert: inserted } })
    },
    [line, column, text] as const,
  )
}

/**
 * Others' changes wait for five seconds and no longer, in which a busy machine comes to nothing: the clock by which the
 * page counts them is held. Timers go on.
 */
async function holdClock({ page }: BrowserPerson): Promise<void> {
  await page.evaluate(() => {
    const now = performance.now()
    performance.now = () => now
  })
}

async function two(): Promise<{ ada: BrowserPerson; ben: BrowserPerson; keys: InputMethod }> {
  const { url } = await startTestServer()
  const ada = await people.person()
  await ada.open(url)
  const ben = await people.person()
  await ben.open(ada.page.url())
  return { ada, ben, keys: await InputMethod.of(ada) }
}

describe('a character that is being composed', () => {
  it('[E22] goes on while others write before, after and in its line, and ends beside all of it', async () => {
    const { ada, ben, keys } = await two()
    await ada.write('before\nmy line\nafter')
    await ben.reads('before\nmy line\nafter')
    await ada.page.keyboard.press('ArrowUp')
    await ada.page.keyboard.press('Home')
    for (let i = 0; i < 3; i++) await ada.page.keyboard.press('ArrowRight')
    await holdClock(ada)
    await keys.compose('k')
    await keys.compose('か')
    await insert(ben, 0, 0, 'long ')
    await insert(ben, 2, 5, 'wards')
    await ada.reads('long before\nmy かline\nafterwards')
    await insert(ben, 1, 0, 'in ')
    await ben.text.focus()
    await ben.page.keyboard.press('ControlOrMeta+End')
    await ben.page.keyboard.press('ArrowUp')
    await ben.page.keyboard.press('End')
    await ben.page.keyboard.type('!')
    await expect.poll(() => ada.content()).toBe('long before\nin my かline!\nafterwards')
    expect(await ada.shown()).toBe('long before\nmy かline\nafterwards')
    expect(await keys.isComposing()).toBe(true)
    await keys.compose('かk')
    expect(await keys.isComposing()).toBe(true)
    await keys.choose('書く')
    await ada.reads('long before\nin my 書くline!\nafterwards')
    await ben.reads('long before\nin my 書くline!\nafterwards')
    expect(await keys.isComposing()).toBe(false)
    await ada.page.keyboard.type('!')
    await ben.reads('long before\nin my 書く!line!\nafterwards')
    await ada.saved()
    expect([...ada.errors, ...ben.errors]).toEqual([])
  })

  it('[E42] in the title goes on while others give it another one, and is the title then', async () => {
    const { ada, ben, keys } = await two()
    await ada.title.fill('Notes of May')
    await ben.page.waitForFunction(() => document.title.startsWith('Notes of May'))
    await ada.title.focus()
    await ada.title.evaluate((input: HTMLInputElement) => input.setSelectionRange(6, 8))
    await keys.compose('k')
    await keys.compose('か')
    await ben.title.fill('Our Notes of May')
    await ada.page.waitForFunction(
      () => document.querySelector('coscribe-editor')?.room?.info?.title === 'Our Notes of May',
    )
    expect(await ada.title.inputValue()).toBe('Notes か May')
    expect(await keys.isComposing()).toBe(true)
    await keys.choose('書')
    await ada.page.keyboard.type('!')
    for (const { page } of [ada, ben]) {
      await page.waitForFunction(() => document.title.startsWith('Notes 書! May '))
    }
    expect(await ada.title.inputValue()).toBe('Notes 書! May')
    expect([...ada.errors, ...ben.errors]).toEqual([])
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings } from '../support/axe.js'
import { BrowserPeople } from '../support/browser-people.js'
import { named, press, preview, put } from '../support/desk-hands.js'
import { startTestServer } from '../support/test-server.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

const paragraphs = Array.from({ length: 120 }, (_, n) => `Paragraph ${n} with some words.\n`).join(
  '\n',
)

describe('keys', () => {
  it('[E140] help is a key away', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    const help = named(ada, 'dialog', 'Keyboard')
    await ada.text.focus()
    for (const key of ['F1', 'Control+/']) {
      await ada.page.keyboard.press(key)
      await help.waitFor()
      await ada.page.keyboard.press('Escape')
      await help.waitFor({ state: 'hidden' })
    }
    await ada.page.keyboard.type('?')
    await ada.reads('?')
    await ada.page.locator('#share').focus()
    await ada.page.keyboard.type('?')
    await help.waitFor()
    for (const words of ['Find and replace', 'Show or hide the preview', 'Switch what Tab does']) {
      await help.getByText(words).waitFor()
    }
  })

  it.each(['light', 'dark'] as const)(
    '[E145] everything is done by keyboard, and axe finds nothing: %s',
    async (colorScheme) => {
      const { url } = await startTestServer()
      const ada = await people.person({ context: { colorScheme } })
      await ada.open(url)
      await put(ada, '# Hello\n\nSome `code` and a [link](https://example.org).')
      const { keyboard } = ada.page
      // What is around the text is loaded after it.
      await ada.page.locator('#desk-button').waitFor()
      await ada.page.locator('#help').focus()
      await keyboard.press('Tab')
      await keyboard.press('Enter')
      await ada.page.locator('#find:focus').waitFor()
      expect(await findings(ada)).toEqual([])
      await keyboard.press('ArrowDown')
      await keyboard.press('ArrowDown')
      await ada.page.locator('#language:focus').waitFor()
      await keyboard.press('m')
      await expect.poll(() => ada.page.locator('#language').inputValue()).toBe('markdown')
      await keyboard.press('Escape')
      await ada.page.locator('#desk-button:focus').waitFor()
      await keyboard.press('Enter')
      await keyboard.press('ArrowDown')
      await keyboard.press('Enter')
      await expect.poll(() => preview(ada)).toContain('Hello')
      await ada.page.locator('coscribe-editor .cm-line span[class]').first().waitFor()
      expect(await findings(ada)).toEqual([])
      await keyboard.press('ControlOrMeta+f')
      await named(ada, 'textbox', 'Find').waitFor()
      expect(await findings(ada)).toEqual([])
      await keyboard.press('Escape')
      await ada.page.locator('#desk-button').focus()
      await keyboard.press('Enter')
      await keyboard.press('ArrowUp')
      await keyboard.press('ArrowUp')
      await keyboard.press('Enter')
      await named(ada, 'dialog', 'Settings').waitFor()
      expect(await findings(ada)).toEqual([])
    },
  )
})

describe('on a phone', () => {
  it('[E141, E134] tools stand above the keyboard, and nothing is wider than 320 px', async () => {
    const { url } = await startTestServer()
    const ada = await people.person({
      context: { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true },
      before: [
        () => {
          const keyboard = Object.assign(new EventTarget(), { height: 568, offsetTop: 0 })
          Object.defineProperty(window, 'visualViewport', { value: keyboard, configurable: true })
        },
      ],
    })
    await ada.open(url)
    const widest = (): Promise<number> =>
      ada.page.evaluate(() => document.documentElement.scrollWidth)
    const bar = ada.page.getByRole('toolbar', { name: 'Writing' })
    await put(ada, `# Hello\n\n${paragraphs}`)
    expect(await widest()).toBeLessThanOrEqual(320)
    await ada.page.evaluate(() => {
      const { visualViewport } = window
      Object.assign(visualViewport ?? {}, { height: 300 })
      visualViewport?.dispatchEvent(new Event('resize'))
    })
    await expect
      .poll(async () => {
        const { y = 0, height = 0 } = (await ada.page.locator('.bar').boundingBox()) ?? {}
        return Math.round(y + height)
      })
      .toBe(300)
    await bar.getByRole('button', { name: 'Undo' }).tap()
    await ada.reads('')
    await bar.getByRole('button', { name: 'Redo' }).tap()
    await ada.reads(`# Hello\n\n${paragraphs}`)
    const size = await ada.text.evaluate((text) => parseFloat(getComputedStyle(text).fontSize))
    expect(size).toBeGreaterThanOrEqual(16)
    await bar.getByRole('button', { name: 'Find and replace' }).tap()
    await named(ada, 'textbox', 'Find').waitFor()
    expect(await widest()).toBeLessThanOrEqual(320)
    expect(await findings(ada)).toEqual([])
    await ada.page.keyboard.press('Escape')
    await press(ada, 'Show preview')
    await expect.poll(() => preview(ada)).toContain('Hello')
    expect(await ada.text.isVisible()).toBe(false)
    expect(await widest()).toBeLessThanOrEqual(320)
    expect(await findings(ada)).toEqual([])
    await named(ada, 'button', 'Close').tap()
    for (const [item, dialog] of [
      ['Settings…', 'Settings'],
      ['Keyboard and help', 'Keyboard'],
    ] as const) {
      await press(ada, item)
      await named(ada, 'dialog', dialog).waitFor()
      expect(await widest()).toBeLessThanOrEqual(320)
      await ada.page.keyboard.press('Escape')
    }
    expect(ada.errors).toEqual([])
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings } from '../support/axe.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startTestServer } from '../support/test-server.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** What has the focus, by its accessible name or text. */
function focused({ page }: BrowserPerson): Promise<string> {
  return page.evaluate(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? ''
  })
}

function hasBorder(element: Element): boolean {
  const { borderTopStyle, borderTopWidth } = getComputedStyle(element)
  return borderTopStyle !== 'none' && parseFloat(borderTopWidth) > 0
}

function hasOutline(element: Element): boolean {
  const { outlineStyle, outlineWidth } = getComputedStyle(element)
  return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0
}

/** Whether the first such element shows in anything but its background, which forced colours take away. */
function isDrawn({ page }: BrowserPerson, selector: string): Promise<boolean> {
  return page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const style = getComputedStyle(element)
      const canvas = getComputedStyle(document.body).backgroundColor
      const edges = ['Top', 'Left'].some(
        (edge) =>
          style.getPropertyValue(`border-${edge.toLowerCase()}-style`) !== 'none' &&
          parseFloat(style.getPropertyValue(`border-${edge.toLowerCase()}-width`)) > 0 &&
          style.getPropertyValue(`border-${edge.toLowerCase()}-color`) !== canvas,
      )
      return edges || (style.outlineStyle !== 'none' && style.outlineColor !== canvas)
    })
}

describe('access for all', () => {
  it.each(['light', 'dark'] as const)(
    '[E38] axe finds nothing on any view: %s',
    async (colorScheme) => {
      const { url } = await startTestServer()
      const ada = await people.person({ context: { colorScheme } })
      await ada.open(url)
      expect(await findings(ada)).toEqual([])
      const ben = await people.person()
      await ben.open(ada.page.url())
      await ada.title.fill('Minutes')
      await ada.write('Some text\nand more')
      await ada.page.locator('coscribe-avatars .face:not(.own)').first().waitFor()
      await ada.saved()
      expect(await findings(ada)).toEqual([])
      for (const [button, dialog] of [
        ['Keyboard and help', 'Keyboard'],
        ['(you): change name', 'Your name'],
      ] as const) {
        await ada.page.getByRole('button', { name: button }).click()
        await ada.page.getByRole('dialog', { name: dialog }).waitFor()
        expect(await findings(ada)).toEqual([])
        await ada.page.keyboard.press('Escape')
      }
      await ada.unplug()
      await ada.status.getByText('Offline').first().waitFor()
      expect(await findings(ada)).toEqual([])
    },
  )

  it('[E38] axe finds nothing when work is not saved', async () => {
    const { url } = await startTestServer()
    const ada = await people.person({
      before: [() => Object.defineProperty(window, 'indexedDB', { value: undefined })],
    })
    await ada.open(url)
    await ada.unplug()
    await ada.write('x')
    await ada.status.getByRole('button', { name: 'Download' }).waitFor()
    expect(await findings(ada)).toEqual([])
  })

  it('[E38] forced colours hide nothing: what is selected, who is here, where they are', async () => {
    const { url } = await startTestServer()
    const ada = await people.person({ context: { forcedColors: 'active' } })
    await ada.open(url)
    const ben = await people.person()
    await ben.open(ada.page.url())
    await ada.write('Some text\nand more')
    await ben.reads('Some text\nand more')
    await ben.text.focus()
    await ben.page.keyboard.press('ControlOrMeta+a')
    await ada.page.locator('.cm-coscribeSelection').first().waitFor()
    await ada.page.locator('.cm-coscribeCaret').waitFor()
    expect(await findings(ada)).toEqual([])
    for (const shape of [
      '.cm-coscribeSelection',
      '.cm-coscribeCaret',
      'coscribe-status .mark',
      '#own-name',
      '.face:not(.own)',
    ]) {
      expect([shape, await isDrawn(ada, shape)]).toEqual([shape, true])
    }
    await ada.page.locator('#share').focus()
    expect(await ada.page.locator('#share').evaluate(hasOutline)).toBe(true)
    await ada.page.locator('#help').click()
    const dialog = ada.page.getByRole('dialog', { name: 'Keyboard' })
    await dialog.waitFor()
    expect(await dialog.evaluate(hasBorder)).toBe(true)
    expect(await findings(ada)).toEqual([])
  })

  it('[E38] the checks see a fault', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await ada.page.evaluate(() => document.body.append(document.createElement('button')))
    expect((await findings(ada)).join()).toContain('button-name')
  })

  it('[E38] everything is done with a keyboard', async () => {
    const { url } = await startTestServer()
    const ada = await people.person({ context: { permissions: ['clipboard-write'] } })
    await ada.open(url)
    // What is around the text is loaded after it.
    await ada.page.locator('#desk-button').waitFor()
    const { keyboard } = ada.page
    const order: string[] = []
    for (let step = 0; step < 9; step++) {
      await keyboard.press('Tab')
      order.push(await focused(ada))
    }
    expect(order).toEqual([
      'Skip to the text',
      'Coscribe: all documents',
      expect.stringMatching(/\(you\): change name$/),
      'Share',
      'Theme: system',
      'Keyboard and help',
      'Document menu',
      'Title',
      'Text',
    ])
    await keyboard.type('written')
    await keyboard.press('Tab')
    expect(await ada.shown()).toBe('written')
    await ada.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await ada.title.focus()
    await keyboard.type('By hand')
    await keyboard.press('Enter')
    expect(await focused(ada)).toBe('Text')
    await ada.page.locator('#own-name').focus()
    await keyboard.press('Enter')
    await keyboard.press('ControlOrMeta+a')
    await keyboard.type('Ada Lovelace')
    await keyboard.press('Enter')
    await ada.page.getByRole('button', { name: 'Ada Lovelace (you): change name' }).waitFor()
    await ada.page.locator('#theme').focus()
    await keyboard.press('Enter')
    await keyboard.press('Enter')
    expect(await ada.page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark')
    await ada.page.locator('#share').focus()
    await keyboard.press('Enter')
    await keyboard.press('Tab')
    await keyboard.press('Enter')
    await ada.page.getByText('The address was copied').waitFor()
    await keyboard.press('Escape')
    expect(await focused(ada)).toBe('Share')
    await ada.page.locator('.skip').focus()
    await keyboard.press('Enter')
    expect(await focused(ada)).toBe('Text')
    await ada.page.reload()
    await ada.saved()
    await ada.page.getByRole('button', { name: 'Ada Lovelace (you): change name' }).waitFor()
    expect(await ada.page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark')
  })
})

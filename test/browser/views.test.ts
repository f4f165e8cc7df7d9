import { connect } from '@coscribe/client'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { findings } from '../support/axe.js'
import { BrowserPeople } from '../support/browser-people.js'
import { cutOff } from '../support/cut-off.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { tokenFor } from '../support/tokens.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** What a phone of 320 px, and a window of 1280 × 800 at 200 % zoom, have room for. */
const narrow = { width: 320, height: 640 }
const zoomed = { width: 640, height: 400 }

describe('the caret', () => {
  it.each([
    ['stands still for whoever asked for less motion', 'reduce' as const, []],
    ['blinks for others', 'no-preference' as const, [expect.stringContaining('blink')]],
  ])('[E181] %s', async (_, reducedMotion, wanted) => {
    const { url } = await startGuardedServer()
    const ada = await people.person({ context: { reducedMotion } })
    await ada.page.goto(`${url}/d/plan#token=${await tokenFor('ada', { plan: 'write' })}`)
    await ada.saved()
    await ada.write('x')
    const animations = (): Promise<string[]> =>
      ada.text.evaluate((text) =>
        (text.getRootNode() as ShadowRoot)
          .getAnimations()
          .map((animation) => (animation instanceof CSSAnimation ? animation.animationName : '')),
      )
    await expect.poll(animations).toEqual(wanted)
  })
})

describe('every view', () => {
  it.each([
    ['right to left', { locale: 'en' }, 'rtl'],
    ['at 200 % zoom', { locale: 'en', viewport: zoomed }, 'ltr'],
    ['on a narrow phone in German', { locale: 'de-DE', viewport: narrow, hasTouch: true }, 'ltr'],
    ['in forced colours', { locale: 'en', forcedColors: 'active' as const }, 'ltr'],
  ])('[E38, E141] cuts nothing off: %s', async (_, context, dir) => {
    const { url } = await startGuardedServer()
    const ada = await people.person({ context })
    const { page } = ada
    const bad: (readonly [string, readonly string[]])[] = []
    const look = async (view: string, open: Promise<unknown>): Promise<void> => {
      await open
      await page.evaluate((direction) => {
        document.documentElement.dir = direction
      }, dir)
      // Of colours and names axe has the same to say in any window; it looks where colours are others.
      const axe = 'forcedColors' in context ? await findings(ada) : []
      const found = [...(await cutOff(ada)), ...axe]
      if (found.length > 0) bad.push([view, found])
    }
    const press = (selector: string): Promise<void> => page.locator(selector).first().click()
    const leave = (): Promise<void> => page.keyboard.press('Escape')
    await page.goto(`${url}/d/plan#token=${await tokenFor('ada', { plan: 'admin' })}`)
    await ada.saved()
    await page.locator('#title').fill('Notes for the night train, as far as we have them')
    await ada.write('# Notes\n\nThe last train north leaves at ten past eleven.')
    await company(url, ['Ben', 'Cleo with a long name', 'Dora', 'Emil'])
    await look('document', page.locator('#everybody').waitFor())
    await look('people', press('#everybody'))
    await look('following', press('coscribe-avatars .action[aria-pressed]'))
    await leave()
    await press('#share')
    await look(
      'share',
      press('#make-link').then(() => page.locator('#share-link').waitFor()),
    )
    await leave()
    await look('name', press('#own-name'))
    await leave()
    await look('menu', press('#desk-button'))
    await look('settings', press('#open-settings'))
    await leave()
    await ada.text.focus()
    await page.keyboard.press('ControlOrMeta+f')
    await look('find', page.locator('.cm-coscribeFind').waitFor())
    await leave()
    await page.keyboard.press('ControlOrMeta+Shift+M')
    await look('preview', page.frameLocator('iframe').getByText('The last train').waitFor())
    // What belongs to the edge of the window, such as marks of where people are, makes nothing wider.
    const sideways = (): Promise<number> =>
      page
        .locator('main')
        .evaluate((main) => main.scrollWidth - main.clientWidth + Math.abs(main.scrollLeft))
    await expect.poll(sideways).toBe(0)
    await press('.home')
    await look('home', page.locator('.documents .menu').waitFor())
    await look('actions', press('.documents .menu'))
    expect(bad).toEqual([])
  })

  it('[E141] breaks what has no place where it breaks, such as whom a link is for', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person({ context: { viewport: narrow } })
    const token = await tokenFor(`link:${'0'.repeat(80)}`, { other: 'read' })
    await ada.page.goto(`${url}/d/plan#token=${token}`)
    const beyond = (selector: string): Promise<number> =>
      ada.page
        .locator(selector)
        .first()
        .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
    await ada.page.locator('.sign-in').getByText('signed in as link:000').waitFor()
    expect(await beyond('.sign-in p')).toBe(0)
    await ada.page.getByRole('button', { name: 'Sign out' }).click()
    await ada.page.getByRole('dialog').waitFor()
    expect(await beyond('#sign-out-dialog')).toBe(0)
  })

  it('[E38] the check sees what is cut off', async () => {
    const ada = await people.person({ context: { viewport: zoomed } })
    await ada.page.setContent('<button style="width:20px;white-space:nowrap">Replace all</button>')
    expect((await cutOff(ada)).join()).toContain('Replace all')
    await ada.page.setContent('<p style="width:700px">wide</p>')
    expect((await cutOff(ada)).join()).toContain('wide')
  })
})

/** Others who have the document open. */
async function company(url: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const token = await tokenFor(name.toLowerCase().slice(0, 4), { plan: 'write' })
    const room = connect({ url, doc: 'plan', token, WebSocket, user: { name } })
    onTestFinished(() => room.destroy())
    await room.whenReady()
  }
}

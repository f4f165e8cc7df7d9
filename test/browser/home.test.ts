import type { CoscribeServer } from '@coscribe/server'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findings } from '../support/axe.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { injections, InjectionWatch, nothing } from '../support/injections.js'
import { RestartableServer } from '../support/restartable-server.js'
import { startTestServer } from '../support/test-server.js'
import { tokenFor } from '../support/tokens.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** Makes documents of these titles through the API; their ids are their titles. */
async function make(
  { url }: Pick<CoscribeServer, 'url'>,
  wanted: readonly string[],
): Promise<void> {
  for (const title of wanted) {
    const { ok } = await fetch(`${url}/api/v1/documents`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id: title, title }),
    })
    if (!ok) throw new Error(`"${title}" was not made`)
  }
}

type Locator = ReturnType<BrowserPerson['page']['getByRole']>

function link({ page }: BrowserPerson, name: string): Locator {
  return page.getByRole('link', { name, exact: true })
}

function button({ page }: BrowserPerson, name: string | RegExp): Locator {
  return page.getByRole('button', { name })
}

function said({ page }: BrowserPerson, words: string): Locator {
  return page.locator('said-line').getByText(words)
}

/** The titles that are listed, in order. */
function titles({ page }: BrowserPerson): Promise<string[]> {
  return page.locator('.documents .name').allTextContents()
}

/** What has the focus, by its accessible name or text. */
function focused({ page }: BrowserPerson): Promise<string> {
  return page.evaluate(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? ''
  })
}

async function choose(person: BrowserPerson, title: string, item: string): Promise<void> {
  await button(person, `Actions for ${title}`).click()
  await person.page.getByRole('menuitem', { name: item }).click()
}

describe('the page of documents', () => {
  it('[E85, E93] begins with a new document, and lists it afterwards', async () => {
    const server = await startTestServer()
    const ada = await people.person()
    await ada.page.goto(server.url)
    await ada.page.getByText('No document yet').waitFor()
    await link(ada, 'New document').click()
    await ada.saved()
    await expect.poll(() => focused(ada)).toBe('Text')
    await ada.page.keyboard.type('written at once')
    await ada.title.fill('Minutes')
    await ada.title.press('Enter')
    await expect.poll(() => ada.page.title()).toBe('Minutes — Coscribe')
    await ada.titled('Minutes')
    await ada.saved()
    await link(ada, 'Coscribe: all documents').click()
    await link(ada, 'Minutes').waitFor()
    expect(await focused(ada)).toBe('Documents')
    await expect.poll(() => server.connections).toBe(0)
    await ada.page.goBack()
    await ada.reads('written at once')
    await ada.page.goForward()
    await link(ada, 'Minutes').click()
    await ada.reads('written at once')
    expect(ada.errors).toEqual([])
  })

  it('[E86, E70] finds while one types, says how many, and has more; titles are text', async () => {
    const server = await startTestServer()
    const many = Array.from({ length: 60 }, (_, count) => injections[count % injections.length])
    await make(
      server,
      many.map((text, count) => `${count} ${text}`.slice(0, 100)),
    )
    await make(server, ['Minutes of May', 'Minutes of June'])
    const ada = await people.person()
    const watch = await InjectionWatch.over(ada.page, server.url)
    await ada.page.goto(server.url)
    await link(ada, 'Minutes of June').waitFor()
    expect((await titles(ada)).slice(0, 2)).toEqual(['Minutes of June', 'Minutes of May'])
    await button(ada, 'Show more').scrollIntoViewIfNeeded()
    await expect.poll(() => titles(ada)).toHaveLength(62)
    const search = ada.page.getByRole('searchbox')
    await search.fill('minutes')
    await ada.page.getByText('2 documents found').waitFor()
    expect(await titles(ada)).toEqual(['Minutes of June', 'Minutes of May'])
    await search.fill('nothing like it')
    await ada.page.getByText('No title has “nothing like it” in it.').waitFor()
    await search.fill('')
    await expect.poll(() => titles(ada)).toContain('35 javascript:window.injected&&injected()')
    await choose(ada, '35 javascript:', 'Share')
    expect(await watch.evidence()).toEqual(nothing)
  })

  it('[E87, E86] without a server has what is on this device', async () => {
    const server = await RestartableServer.started()
    onTestFinished(() => server.remove())
    const url = server.url.replace('ws', 'http')
    const ada = await people.person({ installs: true })
    await ada.open(`${url}/d/kept`)
    await ada.title.fill('Kept')
    await ada.title.press('Enter')
    await ada.write('here')
    await ada.titled('Kept')
    await ada.saved()
    await ada.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await server.stop()
    await ada.page.goto(url)
    await ada.page.getByText('These documents are on this device').waitFor()
    expect(await titles(ada)).toEqual(['Kept'])
    expect(await findings(ada)).toEqual([])
    await link(ada, 'Kept').click()
    await ada.reads('here')
    expect(await ada.title.getAttribute('readonly')).not.toBeNull()
    expect(await ada.title.inputValue()).toBe('Kept')
    await link(ada, 'Coscribe: all documents').click()
    await server.start()
    await button(ada, 'Try again').click()
    await button(ada, 'Actions for Kept').waitFor()
  })

  it('[E88] renames, which whoever has it open sees within a second', async () => {
    const server = await startTestServer()
    await make(server, ['Plan', 'Other'])
    const ben = await people.person()
    await ben.open(`${server.url}/d/Plan`)
    const ada = await people.person()
    await ada.page.goto(server.url)
    const row = await ada.page.locator('.documents [data-id=Plan]').boundingBox()
    const menu = await button(ada, 'Actions for Plan').boundingBox()
    expect(menu?.y, 'the menu of a row is in it').toBeGreaterThanOrEqual(row?.y ?? Infinity)
    expect((menu?.y ?? Infinity) + (menu?.height ?? 0)).toBeLessThanOrEqual(
      (row?.y ?? 0) + (row?.height ?? 0),
    )
    await choose(ada, 'Plan', 'Rename')
    await ada.page.keyboard.type('Minutes')
    const from = Date.now()
    await ada.page.keyboard.press('Enter')
    await ben.page.waitForFunction(() => document.title === 'Minutes — Coscribe')
    console.log(`renamed and seen after ${Date.now() - from} ms`)
    expect(await ben.title.inputValue()).toBe('Minutes')
    await link(ada, 'Minutes').waitFor()
    expect(await focused(ada)).toBe('Minutes')
    await ada.page.keyboard.press('F2')
    await ada.page.keyboard.type('never mind')
    await ada.page.keyboard.press('Escape')
    // The row is where it belongs by the server's answer, which others may have before.
    await expect.poll(() => titles(ada)).toEqual(['Minutes', 'Other'])
    await ada.context.route('**/api/v1/documents/*', (route) => route.abort())
    await ada.page.keyboard.press('F2')
    await ada.page.keyboard.type('Draft')
    await ada.page.keyboard.press('Enter')
    await said(ada, 'Not renamed. The server cannot be reached').waitFor()
    const field = ada.page.getByRole('textbox', { name: 'Title' })
    expect(await field.inputValue()).toBe('Draft')
    await ada.context.unroute('**/api/v1/documents/*')
    await field.press('Enter')
    await link(ada, 'Draft').waitFor()
    await expect.poll(() => ben.title.inputValue()).toBe('Draft')
  })
})

describe('the trash', () => {
  it('[E89, E90] takes a document that is open, and gives it back', async () => {
    const server = await startTestServer()
    await make(server, ['Plan', 'Other'])
    const ben = await people.person()
    await ben.open(`${server.url}/d/Plan`)
    await ben.write('kept')
    await ben.saved()
    const ada = await people.person()
    await ada.page.goto(server.url)
    await link(ada, 'Plan').waitFor()
    await ada.stopTime()
    await choose(ada, 'Plan', 'Move to trash')
    await said(ada, '“Plan” is in the trash.').waitFor()
    expect(await titles(ada)).toEqual(['Other'])
    await expect.poll(() => focused(ada)).toBe('Other')
    await ben.page.getByRole('heading', { name: 'This document is in the trash' }).waitFor()
    await ben.write(', not sent')
    expect(await ben.content()).toBe('kept, not sent')
    expect(await findings(ben)).toEqual([])
    const cleo = await people.person()
    await cleo.page.goto(`${server.url}/d/Plan`)
    await button(cleo, 'Restore').waitFor()
    expect(await cleo.page.locator('coscribe-editor').count()).toBe(0)
    expect(await findings(cleo)).toEqual([])
    await button(ada, 'Undo').click()
    await said(ada, '“Plan” is back.').waitFor()
    expect(await focused(ada)).toBe('Plan')
    await button(ben, 'Try again').click()
    await ben.saved()
    await ada.page.keyboard.press('Delete')
    await ben.page.getByRole('heading', { name: 'This document is in the trash' }).waitFor()
    await button(ben, 'Restore').click()
    await ben.saved()
    await ben.reads('kept, not sent')
    await button(cleo, 'Try again').click()
    await cleo.saved()
    await cleo.reads('kept, not sent')
  })

  it('[E89] offers the way back until 10 s after it was left, and for ever in the trash', async () => {
    const server = await startTestServer()
    await make(server, ['Other', 'Plan'])
    const ada = await people.person()
    await ada.page.clock.install()
    await ada.page.goto(server.url)
    await link(ada, 'Plan').focus()
    await ada.stopTime()
    // Else the time that passes below would be the server's delay.
    const answer = ada.page.waitForResponse((response) => response.request().method() === 'DELETE')
    // Held down for a while.
    for (let times = 0; times < 3; times++) await ada.page.keyboard.down('Delete')
    await ada.page.keyboard.up('Delete')
    expect((await answer).status()).toBe(200)
    await button(ada, 'Undo').focus()
    await ada.page.clock.runFor(60_000)
    const line = ada.page.locator('said-line')
    expect(await line.innerText()).toContain('“Plan” is in the trash.')
    await link(ada, 'New document').focus()
    await ada.page.clock.runFor(9_000)
    expect(await line.innerText()).toContain('Undo')
    await ada.page.clock.runFor(2_000)
    await button(ada, 'Undo').waitFor({ state: 'detached' })
    await link(ada, 'Trash').click()
    await ada.page.getByText('After 30 days it is removed for good').waitFor()
    expect(await ada.page.getByRole('button').allTextContents()).not.toContain('Delete')
    await button(ada, 'Restore Plan').click()
    await said(ada, '“Plan” is back.').waitFor()
    await ada.page.getByText('Nothing is in the trash.').waitFor()
    await link(ada, 'Back to the documents').click()
    await link(ada, 'Plan').waitFor()
  })
})

describe('where people have rights', () => {
  it('[E85, E92] home lets in, says what one may do, and draws ids where one may begin', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person()
    await ada.page.goto(url)
    await ada.page.getByRole('heading', { name: 'Sign in to see your documents' }).waitFor()
    expect(await findings(ada)).toEqual([])
    const grants = { prefixes: { 'team/': 'admin' } }
    await ada.page.keyboard.type(await tokenFor('ada', { plan: 'read' }, grants))
    await ada.page.keyboard.press('Enter')
    await link(ada, 'New document').click()
    await ada.saved()
    expect(new URL(ada.page.url()).pathname).toMatch(/^\/d\/team\//)
    await ada.write('x')
    await ada.saved()
    const ben = await people.person()
    await ben.page.goto(`${url}/d/plan#token=${await tokenFor('ben', { plan: 'admin' })}`)
    await ben.saved()
    await ben.title.fill('Plan')
    await ben.write('y')
    await ben.titled('Plan')
    await ben.saved()
    await link(ada, 'Coscribe: all documents').click()
    await link(ada, 'Plan').waitFor()
    expect(await ada.page.locator('li', { hasText: 'Plan' }).innerText()).toContain('view only')
    await button(ada, 'Actions for Plan').click()
    expect(await ada.page.getByRole('menuitem').allInnerTexts()).toEqual(['Copy address', 'Share…'])
    await ada.page.keyboard.press('Escape')
    await button(ada, 'Sign out').click()
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
    await ada.page.getByRole('heading', { name: 'Sign in to see your documents' }).waitFor()
    expect(await ada.page.content()).not.toContain('Plan')
  })

  it('[E91, E92] a link is made, lets somebody in, is taken back and puts them out', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person()
    await ada.page.goto(`${url}/d/doc#token=${await tokenFor('ada', { doc: 'admin' })}`)
    await ada.saved()
    await ada.write('for guests')
    await button(ada, 'Share').click()
    const dialog = ada.page.getByRole('dialog', { name: 'Share “Untitled”' })
    await dialog.getByLabel('They may').selectOption('Edit')
    await dialog.getByLabel('for', { exact: true }).selectOption('1 day')
    await dialog.getByRole('button', { name: 'Create link' }).click()
    const address = await dialog.getByRole('textbox', { name: 'New link' }).inputValue()
    await dialog.getByText('Edit · ends in 1 day').waitFor()
    expect(await findings(ada)).toEqual([])
    const ben = await people.person()
    await ben.page.goto(address)
    await ben.saved()
    await ben.write(', and by them')
    await ada.reads('for guests, and by them')
    await button(ben, 'Share').click()
    expect(await ben.page.getByRole('button', { name: 'Create link' }).count()).toBe(0)
    await ben.page.keyboard.press('Escape')
    await dialog.getByRole('button', { name: /^Take back: Edit/ }).click()
    await dialog.getByText('Whoever came in with it is put out').waitFor()
    expect(await focused(ada)).toBe('Keep it')
    await dialog.getByRole('button', { name: 'Take back' }).click()
    await dialog.getByText('The link was taken back.').waitFor()
    expect(await dialog.getByRole('textbox', { name: 'New link' }).count()).toBe(0)
    await ben.page
      .getByRole('heading', { name: 'access has ended' })
      .or(ben.page.getByRole('heading', { name: 'not open to you' }))
      .waitFor()
    await ada.page.keyboard.press('Escape')
    expect(await focused(ada)).toBe('Share')
  })
})

describe('access for all, at home', () => {
  it('[E92] axe finds nothing on home, menu, trash and share dialog, in light and dark', async () => {
    const server = await startTestServer()
    const ada = await people.person()
    const look = async (): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await ada.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        expect([colorScheme, await findings(ada)]).toEqual([colorScheme, []])
      }
    }
    await ada.page.goto(server.url)
    await ada.page.getByText('No document yet').waitFor()
    await look()
    await make(server, ['Plan', 'Other'])
    await ada.page.setViewportSize({ width: 390, height: 844 })
    await ada.page.reload()
    await button(ada, 'Actions for Plan').click()
    await ada.page.getByRole('menu').waitFor()
    await look()
    await ada.page.getByRole('menuitem', { name: 'Share…' }).click()
    await ada.page.getByRole('dialog', { name: 'Share “Plan”' }).waitFor()
    await look()
    await ada.page.keyboard.press('Escape')
    await choose(ada, 'Plan', 'Move to trash')
    await choose(ada, 'Other', 'Rename')
    await button(ada, 'Undo').waitFor({ state: 'detached' })
    await look()
    await link(ada, 'Trash').click()
    await button(ada, 'Restore Plan').waitFor()
    await look()
  })

  it('[E92] everything at home is done with a keyboard', async () => {
    const server = await startTestServer()
    await make(server, ['Old', 'Plan'])
    const ada = await people.person()
    await ada.page.goto(server.url)
    await link(ada, 'Plan').waitFor()
    const { keyboard } = ada.page
    const order: string[] = []
    for (let step = 0; step < 7; step++) {
      await keyboard.press('Tab')
      order.push(await focused(ada))
    }
    expect(order).toEqual([
      'Skip to the documents',
      'Coscribe: all documents',
      'Theme: system',
      'New document',
      'Search by title',
      'Plan',
      'Old',
    ])
    for (const [key, now] of [
      ['ArrowUp', 'Plan'],
      ['ArrowRight', 'Actions for Plan'],
      ['ArrowDown', 'Old'],
      ['Home', 'Plan'],
      ['ArrowRight', 'Actions for Plan'],
      ['ArrowLeft', 'Plan'],
    ] as const) {
      await keyboard.press(key)
      expect([key, await focused(ada)]).toEqual([key, now])
    }
    await keyboard.press('ArrowRight')
    await keyboard.press('Enter')
    await ada.page.getByRole('menu').waitFor()
    await keyboard.press('ArrowDown')
    await keyboard.press('s')
    await keyboard.press('Enter')
    await ada.page.getByRole('dialog', { name: 'Share “Plan”' }).waitFor()
    await keyboard.press('Escape')
    expect(await focused(ada)).toBe('Actions for Plan')
    await keyboard.press('ArrowLeft')
    await ada.stopTime()
    await keyboard.press('Delete')
    await said(ada, '“Plan” is in the trash.').waitFor()
    for (let step = 0; step < 4; step++) await keyboard.press('Shift+Tab')
    expect(await focused(ada)).toBe('Undo')
    await keyboard.press('Enter')
    await expect.poll(() => focused(ada)).toBe('Plan')
    await ada.page.clock.resume()
    await keyboard.press('Enter')
    await ada.saved()
  })

  it('[E93] a credential that is only in the tab stays, and work is not left without a word', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person({
      before: [() => Object.defineProperty(window, 'indexedDB', { value: undefined })],
    })
    await ada.context.route('**/api/v1/session', (route) => route.fulfill({ status: 404 }))
    await ada.page.goto(`${url}/d/doc#token=${await tokenFor('ada', { doc: 'admin' })}`)
    await ada.saved()
    await ada.write('x')
    await ada.saved()
    await link(ada, 'Coscribe: all documents').click()
    await link(ada, 'Untitled').click()
    await ada.reads('x')
    const asked: string[] = []
    ada.page.on('dialog', (dialog) => {
      asked.push(dialog.type())
      void dialog.dismiss()
    })
    await ada.unplug()
    await ada.write('y')
    await ada.page.locator('coscribe-status[data-save=unsaved]').waitFor()
    await link(ada, 'Coscribe: all documents').click()
    await expect.poll(() => asked).toEqual(['beforeunload'])
    await ada.page.goBack({ waitUntil: 'commit' }).catch(() => undefined)
    await expect.poll(() => asked).toEqual(['beforeunload', 'beforeunload'])
    expect([await ada.content(), new URL(ada.page.url()).pathname]).toEqual(['xy', '/d/doc'])
  })
})

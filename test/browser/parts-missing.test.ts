import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings } from '../support/axe.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { startTestServer } from '../support/test-server.js'
import { tokenFor } from '../support/tokens.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** Somebody whose browser keeps no files of the page, as at an address without TLS. */
function withoutKeeping(): Promise<BrowserPerson> {
  return people.person({ context: { serviceWorkers: 'block' } })
}

/** A promise, and what keeps it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const doors: (() => void)[] = []
  const opened = new Promise<void>((resolve) => doors.push(resolve))
  return { opened, open: () => doors[0]?.() }
}

describe('parts of the page that cannot be loaded', () => {
  it('[E144] a place of which there is no code says so, and is tried again', async () => {
    const { url } = await startTestServer()
    const ada = await withoutKeeping()
    await ada.page.route('**/assets/visit-*', (route) => route.abort())
    await ada.page.goto(url)
    await ada.page.getByRole('link', { name: 'New document' }).click()
    await ada.page.getByRole('heading', { name: 'This page could not be loaded' }).waitFor()
    expect(await ada.page.locator('home-page').count()).toBe(0)
    expect(await findings(ada)).toEqual([])
    await ada.page.unroute('**/assets/visit-*')
    await ada.page.getByRole('button', { name: 'Try again' }).click()
    await ada.saved()
    expect(new URL(ada.page.url()).pathname).toMatch(/^\/d\//)
  })

  it('[E144, E170] keys and colours are named when they are missing, and the text is written without', async () => {
    const { url } = await startTestServer()
    const ada = await people.person({
      context: { serviceWorkers: 'block' },
      before: [() => localStorage.setItem('coscribe.settings', JSON.stringify({ keys: 'vim' }))],
    })
    await ada.page.route('**/assets/vim-*', (route) => route.abort())
    await ada.page.route('**/assets/*yaml*', (route) => route.abort())
    await ada.open(url)
    const note = (what: string) =>
      ada.page.getByRole('alertdialog', { name: `Not loaded: ${what}` })
    await note('the keys of Vim').getByText('You can go on without it').waitFor()
    expect(await findings(ada)).toEqual([])
    await ada.page.keyboard.press('Enter')
    await ada.title.fill('train.yaml')
    await note('the colours of YAML').waitFor()
    await ada.page.keyboard.press('Enter')
    await ada.write('i: still written')
    await ada.reads('i: still written')
  })

  it('[E144] without what is around it, a text is written and it is said what is missing', async () => {
    const { url } = await startTestServer()
    const ada = await withoutKeeping()
    await ada.page.route('**/assets/share-dialog-*', (route) => route.abort())
    await ada.open(url)
    await ada.page.getByText('Not all of this page could be loaded').waitFor()
    expect(await findings(ada)).toEqual([])
    await ada.page.getByRole('button', { name: 'Share' }).click()
    await ada.write('still written')
    await ada.saved()
    await ada.page.unroute('**/assets/share-dialog-*')
    await ada.page.getByRole('button', { name: 'Load again' }).click()
    await ada.reads('still written')
    await ada.page.getByRole('button', { name: 'Share' }).click()
    await ada.page.getByRole('dialog', { name: /^Share/ }).waitFor()
    expect(await ada.page.getByText('Not all of this page could be loaded').count()).toBe(0)
    expect(ada.errors.filter((text) => !/ERR_FAILED|blocked by Playwright/.test(text))).toEqual([])
  })
})

describe('answers that come when somebody has gone on', () => {
  it('[E93] change neither the address nor what is shown', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person()
    const token = await tokenFor('ada', { plan: 'admin' }, { prefixes: { 'team/': 'admin' } })
    await ada.page.goto(`${url}/#token=${token}`)
    const create = ada.page.getByRole('link', { name: 'New document' })
    await create.waitFor()
    const [made, signed] = [gate(), gate()]
    await ada.page.route('**/api/v1/documents', async (route) => {
      if (route.request().method() === 'POST') await made.opened
      await route.continue()
    })
    await ada.page.route('**/api/v1/session', async (route) => {
      if (route.request().method() === 'POST') await signed.opened
      await route.continue()
    })
    const asked = ada.page.waitForRequest((request) => request.method() === 'POST')
    await create.click()
    await asked
    await ada.page.goBack()
    const answered = ada.page.waitForResponse((response) => response.request().method() === 'POST')
    made.open()
    await answered
    // What would follow the answer has happened by the end of another one.
    await ada.page.evaluate(() => fetch('/api/v1/documents?limit=1').then((one) => one.text()))
    expect(new URL(ada.page.url()).pathname).toBe('/')
    expect(await ada.page.locator('home-page').count()).toBe(1)

    const signing = ada.page.waitForRequest((request) => request.url().endsWith('/session'))
    await ada.page.evaluate((again) => location.assign(`#token=${again}`), token)
    await signing
    await create.click()
    await ada.saved()
    const signedIn = ada.page.waitForResponse((response) => response.url().endsWith('/session'))
    signed.open()
    await signedIn
    await ada.page.evaluate(() => fetch('/api/v1/documents?limit=1').then((one) => one.text()))
    expect(await ada.page.locator('home-page').count()).toBe(0)
    expect(await ada.page.locator('document-page').count()).toBe(1)
    expect(ada.errors).toEqual([])
  })
})

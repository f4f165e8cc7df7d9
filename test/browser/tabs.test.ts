import type { Authenticator } from '@coscribe/server'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { startTestServer } from '../support/test-server.js'
import { tokenFor } from '../support/tokens.js'
import { local, twoTabsOfOnePerson, type Freezing } from './stories/two-tabs.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

const MB = 1_000_000

const chromiumFreezing: Freezing = {
  freeze: async ({ context, page }) => {
    const session = await context.newCDPSession(page)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    return async () => {
      await session.send('Page.setWebLifecycleState', { state: 'active' })
    }
  },
  isTold: true,
}

/** Pastes so much text, and resolves when the editor has taken it. */
async function paste({ page, text }: BrowserPerson, length: number): Promise<void> {
  await text.focus()
  await page.evaluate((bytes) => {
    const line = 'A line of a text that somebody has written elsewhere, and pastes.\n'
    const data = new DataTransfer()
    data.setData('text/plain', line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes))
    const init = { clipboardData: data, bubbles: true, cancelable: true, composed: true }
    const editor = document.querySelector('coscribe-editor')
    editor?.handle?.view.contentDOM.dispatchEvent(new ClipboardEvent('paste', init))
  }, length)
}

describe('two tabs of one person', () => {
  it('[K32, K35] are in step without a server; what one that sleeps or is closed has not sent, the other sends', () =>
    twoTabsOfOnePerson(people, chromiumFreezing))

  it('[K36] one that opens without a network has what both have written', async () => {
    const { url } = await startTestServer()
    const one = await people.person()
    await one.open(`${url}/d/doc`)
    await one.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    const two = await people.tab(one)
    await two.open(one.page.url())
    await one.unplug()
    await two.unplug()
    await one.write('one')
    await two.reads('one')
    await two.write(' two')
    await local(two)
    await one.page.close()
    await two.page.close()
    const three = { context: one.context }
    await three.context.setOffline(true)
    const later = await people.tab(one)
    await later.page.goto(`${url}/d/doc`)
    await later.reads('one two')
    await three.context.setOffline(false)
    await later.saved()
  })
})

describe('the next one who uses a browser', () => {
  it('[E113] sees nothing of the copy of the one before, with a network and without', async () => {
    const { url, stored } = await startGuardedServer()
    const ada = await people.person()
    const link = async (who: string) =>
      `${url}/d/doc#token=${await tokenFor(who, { doc: 'write' })}`
    await ada.page.goto(await link('ada'))
    await ada.saved()
    await ada.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await ada.unplug()
    await ada.write('private to ada')
    await local(ada)
    await ada.page.getByRole('button', { name: 'Sign out' }).click()
    const dialog = ada.page.getByRole('dialog', { name: 'Sign out' })
    await dialog.getByRole('button', { name: 'Sign out' }).click()
    await ada.page.getByRole('heading', { name: 'Sign in to open this document' }).waitFor()
    const ben = await people.tab(ada)
    await ben.page.goto(await link('ben'))
    await ben.saved()
    await ben.write('by ben')
    await ben.saved()
    await ben.reads('by ben')
    await ada.page.close()
    await ben.context.setOffline(true)
    await ben.page.reload()
    await ben.reads('by ben')
    await ben.context.setOffline(false)
    await ben.page.reload()
    await ben.saved()
    await ben.reads('by ben')
    expect(await stored('doc')).not.toContain(Buffer.from('private').toString('hex'))
  })
})

/** Tokens that say nothing by themselves. */
const opaque: Authenticator = {
  authenticate: (credential) => {
    const now = Date.now()
    const grants = { documents: new Map(), prefixes: new Map([['', 'write' as const]]) }
    const identity = { subject: credential, tokenId: '', issuedAt: now - 1_000, grants }
    return Promise.resolve({ ...identity, expiresAt: now + 3_600_000 })
  },
}

describe('the next one who uses a browser, where no cookie is kept and no token can be read', () => {
  it('[E113] sees nothing of the copy of the one before', async () => {
    const { url } = await startTestServer({ cookies: 'off', authenticator: opaque })
    const ada = await people.person()
    await ada.page.goto(`${url}/d/doc#token=ada`)
    await ada.saved()
    await ada.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await ada.unplug()
    await ada.write('private to ada')
    await local(ada)
    await ada.page.close()
    const ben = await people.tab(ada)
    await ben.page.goto(`${url}/d/doc#token=ben`)
    await ben.saved()
    expect(await ben.content()).toBe('')
    await ben.page.close()
    const later = await people.tab(ada)
    await later.page.goto(`${url}/d/doc#token=ada`)
    await later.saved()
    await later.reads('private to ada')
  })

  it('[E113] finds none of somebody of whom it is not known who they are, who are told so', async () => {
    const { url } = await startTestServer({ cookies: 'off', authenticator: opaque })
    const ada = await people.person()
    await ada.context.route('**/api/v1/session', (route) =>
      route.request().method() === 'GET' ? route.abort() : route.continue(),
    )
    await ada.page.goto(`${url}/d/doc#token=ada`)
    await ada.saved()
    await ada.title.fill('Secret plan')
    await ada.title.press('Enter')
    await ada.status.getByText('no copy on this device').first().waitFor()
    await ada.unplug()
    await ada.write('private to ada')
    await ada.page.locator('coscribe-status[data-save=unsaved]').waitFor()
    const kept = await ada.page.evaluate(async () => {
      const names = (await indexedDB.databases()).map(({ name }) => name)
      return JSON.stringify([names, Object.values(localStorage)])
    })
    expect(kept).not.toMatch(/coscribe"|Secret/)
  })
})

describe('a large paste', () => {
  it.each([
    ['with messages of 4 MiB', 4 * 1024 * 1024],
    ['with messages of 64 KiB', 64 * 1024],
  ])('[E114, E110] of 5 MB arrives %s, while its author types on', async (_, messageBytes) => {
    const { url } = await startTestServer({ messageBytes })
    const ada = await people.person()
    await ada.open(`${url}/d/doc`)
    const said = await ada.page.evaluateHandle(() => {
      const lines: string[] = []
      const status = document.querySelector('coscribe-status')
      const look = (): void => void lines.push(status?.shadowRoot?.textContent ?? '')
      new MutationObserver(look).observe(status?.shadowRoot ?? document, {
        subtree: true,
        childList: true,
        characterData: true,
      })
      return lines
    })
    await paste(ada, 5 * MB)
    await ada.page.keyboard.type('typed on')
    await ada.saved()
    // Where a message takes the machine more than ten seconds that is said, and rightly.
    const lines = (await said.jsonValue()).filter((line) => !line.includes('confirmed nothing for'))
    expect(lines.filter((line) => line.includes('Not saved'))).toEqual([])
    const ben = await people.person()
    await ben.open(`${url}/d/doc`)
    const length = 5 * MB + 'typed on'.length
    await expect.poll(async () => (await ben.content()).length, { timeout: 60_000 }).toBe(length)
    expect((await ben.shown()).length).toBe(length)
    // Somebody who types slowly makes several steps.
    const undone = async (): Promise<number> => {
      await ada.page.keyboard.press('ControlOrMeta+z')
      return (await ben.content()).length
    }
    await expect.poll(undone, { timeout: 60_000 }).toBe(0)
  })

  it('[E111] that can never fit is not taken, and the page says why', async () => {
    const { url } = await startTestServer({ messageBytes: 500_000, documentBytes: MB })
    const ada = await people.person()
    await ada.open(`${url}/d/doc`)
    await ada.write('before')
    const refused = await ada.page.evaluateHandle(() => {
      const seen: unknown[] = []
      document.addEventListener('coscribe-refused', (event) => seen.push(event.detail))
      return seen
    })
    await paste(ada, 5 * MB)
    await ada.page.getByRole('alert').getByText('it has 5.0 MB').waitFor()
    expect(await refused.jsonValue()).toMatchObject([{ bytes: 5 * MB + 64 }])
    await ada.reads('before')
    await ada.write(', after')
    await ada.reads('before, after')
    expect(await ada.page.getByRole('alert').count()).toBe(0)
    await ada.saved()
    expect(ada.errors).toEqual([])
  })
})

declare global {
  interface DocumentEventMap {
    'coscribe-refused': CustomEvent<unknown>
  }
}

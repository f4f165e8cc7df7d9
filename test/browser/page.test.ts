import type { CoscribeStatus } from '@coscribe/client/editor'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { RestartableServer } from '../support/restartable-server.js'
import { startTestServer } from '../support/test-server.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

async function restartable(): Promise<RestartableServer> {
  const server = await RestartableServer.started()
  onTestFinished(() => server.remove())
  return server
}

/** Waits until the status line contains `words`. */
async function told(person: BrowserPerson, words: string): Promise<void> {
  await person.status.getByText(words).first().waitFor()
}

/** How many people the page shows, oneself among them. */
function faces({ page }: BrowserPerson): Promise<number> {
  return page.locator('coscribe-avatars .people .face').count()
}

describe('the page', () => {
  it('[E30] makes a document at an address of its own, where two people write together', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    expect(ada.page.url()).toMatch(/\/d\/[0-9a-z]{26}$/)
    const ben = await people.person()
    await ben.open(ada.page.url())
    await ada.title.fill('Minutes')
    await ada.write('one\n')
    await ben.reads('one\n')
    await ben.write('two 👩‍🚀')
    await ada.reads('one\ntwo 👩‍🚀')
    await ben.page.waitForFunction(() => document.title === 'Minutes — Coscribe')
    expect(await ben.title.inputValue()).toBe('Minutes')
    await expect.poll(() => faces(ada)).toBe(2)
    await expect.poll(() => faces(ben)).toBe(2)
    const dora = await people.person()
    await dora.open(ada.page.url())
    await dora.reads('one\ntwo 👩‍🚀')
    expect([...ada.errors, ...ben.errors, ...dora.errors]).toEqual([])
    const cleo = await people.person()
    await cleo.open(url)
    expect(cleo.page.url()).not.toBe(ada.page.url())
  })

  it('[E30, E91] copies its address, or selects it where the clipboard is closed', async () => {
    const { url } = await startTestServer()
    const ada = await people.person({
      context: { permissions: ['clipboard-read', 'clipboard-write'] },
    })
    await ada.open(url)
    await ada.page.getByRole('button', { name: 'Share' }).click()
    const dialog = ada.page.getByRole('dialog', { name: 'Share “Untitled”' })
    await dialog.getByText('Whoever can reach this server').waitFor()
    await dialog.getByRole('button', { name: 'Copy' }).click()
    await dialog.getByText('The address was copied').waitFor()
    expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(ada.page.url())
    await ada.page.evaluate(() =>
      Object.defineProperty(navigator, 'clipboard', { value: undefined }),
    )
    await dialog.getByRole('button', { name: 'Copy' }).click()
    await dialog.getByText('the text is selected').waitFor()
    expect(await ada.page.evaluate(() => getSelection()?.toString())).toBe(ada.page.url())
  })

  it('[E33, E41] opens without a server, with the text and what was not sent yet, and sends it', async () => {
    const server = await restartable()
    const ada = await people.person({ installs: true })
    await ada.open(server.url.replace('ws', 'http'))
    await ada.write('before ')
    await ada.saved()
    await ada.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await server.stop()
    await ada.page
      .locator('coscribe-status[data-save=saved][data-connection=reconnecting]')
      .waitFor()
    await ada.write('meanwhile')
    await ada.page.locator('coscribe-status[data-save=local]').waitFor()
    await ada.page.reload()
    await ada.reads('before meanwhile')
    await ada.write(' again')
    await told(ada, 'Offline — your changes are kept on this device')
    await server.start()
    await ada.plugIn()
    await ada.saved()
    const ben = await people.person()
    await ben.open(ada.page.url())
    await ben.reads('before meanwhile again')
  })

  it('[E33] without a copy the same is lost, and the test would see it', async () => {
    const server = await restartable()
    const ada = await people.person({
      installs: true,
      before: [() => Object.defineProperty(window, 'indexedDB', { value: undefined })],
    })
    ada.page.on('dialog', (dialog) => void dialog.accept())
    await ada.open(server.url.replace('ws', 'http'))
    await ada.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await server.stop()
    await ada.write('meanwhile')
    await ada.reads('meanwhile')
    await ada.page.reload()
    await ada.page.locator('coscribe-status[data-save=loading]').waitFor()
    await ada.reads('')
  })

  it('[E33] two tabs of one browser are in step, and one person', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    const other = await people.tab(ada)
    await other.open(ada.page.url())
    await ada.write('here ')
    await other.reads('here ')
    await other.write('and there')
    await ada.reads('here and there')
    await ada.page.waitForFunction(
      () => document.querySelector('coscribe-editor')?.room?.presence.others.length === 1,
    )
    expect(await faces(ada)).toBe(1)
    await other.page.close()
    await ada.page.reload()
    await ada.reads('here and there')
  })

  it('[E32] says at once that the machine is offline, and that it is well again', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.page.clock.install()
    await ada.open(url)
    await told(ada, 'Saved')
    // Its time stands still: what would be said after a while is not said now.
    await ada.stopTime()
    await ada.unplug()
    await told(ada, 'Offline')
    await ada.page.clock.resume()
    await ada.plugIn()
    await told(ada, 'Saved')
    expect(await ada.status.getByRole('status').textContent()).toBe('Saved')
  })

  it('[E32, E60] says nothing of a room that was taken from the line', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await told(ada, 'Saved')
    const room = await ada.status.evaluateHandle((status: CoscribeStatus) => status.room)
    await ada.status.evaluate((status: CoscribeStatus) => {
      status.room = undefined
    })
    await ada.page.locator('coscribe-status:not([data-save], [data-connection])').waitFor()
    await ada.status.getByText('Saved').first().waitFor({ state: 'detached' })
    await ada.status.evaluate((status: CoscribeStatus, back) => {
      status.room = back
    }, room)
    await told(ada, 'Saved')
  })

  it('[E31] takes no text before the document is here', async () => {
    const server = await restartable()
    const address = `${server.url.replace('ws', 'http')}/d/late`
    const ada = await people.person({
      before: [
        () => {
          // A server that takes the connection and hears nothing.
          const opened = WebSocket
          class Mute extends opened {
            override send(...args: Parameters<WebSocket['send']>): void {
              if (sessionStorage.getItem('let') !== null) super.send(...args)
            }
          }
          window.WebSocket = Mute
        },
      ],
    })
    await ada.page.goto(address)
    await ada.page.locator('coscribe-status[data-save=loading]').waitFor()
    expect(await ada.text.getAttribute('contenteditable')).toBe('false')
    expect(await ada.title.getAttribute('readonly')).not.toBeNull()
    await ada.page.evaluate(() => {
      sessionStorage.setItem('let', 'yes')
    })
    await ada.unplug()
    await ada.plugIn()
    await ada.saved()
    await ada.page.locator('coscribe-editor [contenteditable=true]').waitFor()
  })
})

/** Opened, written in, and then without a server. */
async function strand(ada: BrowserPerson, server: RestartableServer): Promise<void> {
  await ada.open(server.url.replace('ws', 'http'))
  await ada.write('x')
  await told(ada, 'no copy on this device')
  await server.stop()
  await ada.unplug()
  await ada.write('y')
  await told(ada, 'Not saved: you are offline, and this browser keeps no copy')
  await ada.status.getByRole('button', { name: 'Copy text' }).waitFor()
}

describe('a browser that keeps no copy', () => {
  it('[E34] is said: no IndexedDB', async () => {
    const server = await restartable()
    const ada = await people.person({
      before: [() => Object.defineProperty(window, 'indexedDB', { value: undefined })],
    })
    await strand(ada, server)
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      ada.status.getByRole('button', { name: 'Download' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/\.txt$/)
    await server.start()
    await ada.status.getByRole('button', { name: 'Retry' }).click()
    await ada.saved()
  })

  it('[E34] is said: a full disk', async () => {
    const server = await restartable()
    const ada = await people.person()
    const session = await ada.context.newCDPSession(ada.page)
    const origin = server.url.replace('ws', 'http')
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
    await strand(ada, server)
  })

  it('[E34] is said: a database that is cleared, also when nothing is written after it', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await ada.unplug()
    await ada.write('precious')
    await told(ada, 'kept on this device')
    const session = await ada.context.newCDPSession(ada.page)
    const origin = url.replace('ws', 'http')
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
    await told(ada, 'Not saved: you are offline, and this browser keeps no copy')
    await ada.write(' work')
    await told(ada, 'Not saved: you are offline, and this browser keeps no copy')
    await ada.plugIn()
    await told(ada, 'Saved — no copy on this device')
    const ben = await people.person()
    await ben.open(ada.page.url())
    await ben.reads('precious work')
  })

  it('[E34] is said: a database that somebody holds', async () => {
    const server = await restartable()
    const ada = await people.person({
      before: [
        () => {
          const request = indexedDB.open('coscribe', 1)
          request.addEventListener('upgradeneeded', () => {
            const store = request.result.createObjectStore('held')
            const hold = (): void => store.get(1).addEventListener('success', hold)
            hold()
          })
        },
      ],
    })
    await strand(ada, server)
  })
})

describe('leaving', () => {
  it('[E35] is asked about only while work would be lost', async () => {
    const server = await restartable()
    const address = server.url.replace('ws', 'http')
    const ada = await people.person({
      before: [() => Object.defineProperty(window, 'indexedDB', { value: undefined })],
    })
    const asked: string[] = []
    ada.page.on('dialog', (dialog) => {
      asked.push(dialog.type())
      void dialog.accept()
    })
    await ada.open(address)
    await ada.write('safe')
    await ada.saved()
    await ada.page.reload()
    await ada.saved()
    expect(asked).toEqual([])
    await server.stop()
    await ada.page.locator('coscribe-status:not([data-connection=connected])').waitFor()
    await ada.write('only here')
    await ada.page.goto('about:blank')
    expect(asked).toEqual(['beforeunload'])
  })
})

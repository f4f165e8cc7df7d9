import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { BrowserPeople } from '../support/browser-people.js'
import { RestartableServer } from '../support/restartable-server.js'
import { startTestServer } from '../support/test-server.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

describe('an address', () => {
  it('[E30] that names no document says so, and opens nothing', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    const address = `${url.replace('ws', 'http')}/d/100%`
    const response = await ada.page.goto(address)
    expect(response?.status()).toBe(400)
    await ada.page.getByRole('heading', { name: 'There is no document at this address' }).waitFor()
    expect(ada.page.url()).toBe(address)
    expect(await ada.page.locator('coscribe-editor').count()).toBe(0)
    await ada.page.getByRole('link', { name: 'Begin a new document' }).click()
    await ada.saved()
    expect(ada.page.url()).toMatch(/\/d\/[0-9a-z]{26}$/)
  })

  it('[E31, E32] of a document that is on the server only opens as soon as the server answers', async () => {
    const server = await RestartableServer.started()
    onTestFinished(() => server.remove())
    const ada = await people.person()
    await ada.open(server.url.replace('ws', 'http'))
    await ada.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await server.stop()
    await ada.page.goto(`${server.url.replace('ws', 'http')}/d/new`)
    await ada.status.getByText('this document is not on this device').first().waitFor()
    expect(await ada.text.getAttribute('contenteditable')).toBe('false')
    await server.start()
    await ada.saved()
    await ada.page.locator('coscribe-editor [contenteditable=true]').waitFor()
    await ada.write('at last')
    await ada.saved()
    const ben = await people.person()
    await ben.open(ada.page.url())
    await ben.reads('at last')
  })
})

describe('a copy on this device that failed', () => {
  it('[E34] is kept from when its page is seen again', async () => {
    const { url } = await startTestServer()
    const ada = await people.person({
      before: [
        () => {
          const kept = indexedDB
          Object.defineProperty(window, 'indexedDB', {
            get: () => (sessionStorage.getItem('mended') === null ? undefined : kept),
          })
        },
      ],
    })
    await ada.open(url)
    await ada.write('only on the server')
    await ada.status.getByText('Saved — no copy on this device').first().waitFor()
    await ada.page.evaluate(() => {
      sessionStorage.setItem('mended', 'yes')
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await ada.status.getByText('Saved', { exact: true }).first().waitFor()
    await ada.unplug()
    await ada.write(', and here')
    await ada.status.getByText('your changes are kept on this device').first().waitFor()
    await ada.page.reload()
    await ada.reads('only on the server, and here')
  })
})

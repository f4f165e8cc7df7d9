import { readdirSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { BrowserPeople } from '../support/browser-people.js'
import { choose, press, preview, put } from '../support/desk-hands.js'
import { startPageServer } from '../support/page-versions.js'
import { RestartableServer } from '../support/restartable-server.js'
import { startTestServer } from '../support/test-server.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** The name that a part of the page has by its content, without its ending. */
function readUsed(): string {
  const folder = fileURLToPath(new URL('../../server/page/assets', import.meta.url))
  return (
    readdirSync(folder)
      .find((name) => /^markdown-.*\.js$/.test(name))
      ?.slice(0, -3) ?? ''
  )
}

describe('the page as an application', () => {
  it('[E142] can be installed', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    const session = await ada.context.newCDPSession(ada.page)
    const { errors, url: address } = await session.send('Page.getAppManifest')
    expect([errors, address]).toEqual([[], `${url}/manifest.webmanifest`])
    const manifest = (await (await fetch(address)).json()) as {
      icons: { src: string; type: string }[]
    }
    for (const { src, type } of manifest.icons) {
      const icon = await fetch(url + src)
      expect([icon.status, icon.headers.get('content-type')]).toEqual([200, type])
    }
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
    const known = new Set(['in-incognito'])
    expect(
      installabilityErrors.map(({ errorId }) => errorId).filter((id) => !known.has(id)),
    ).toEqual([])
  })

  it('[E143] opens without a network with what was used before, and says what was not', async () => {
    const server = await RestartableServer.started()
    onTestFinished(() => server.remove())
    const ada = await people.person()
    await ada.open(server.url.replace('ws', 'http'))
    await put(ada, '# Hello')
    await choose(ada, 'markdown')
    await press(ada, 'Show preview')
    await expect.poll(() => preview(ada)).toContain('Hello')
    await ada.saved()
    const kept = (): Promise<string> =>
      ada.page.evaluate(async () => {
        const keys = await Promise.all(
          (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
        )
        return keys
          .flat()
          .map(({ url }) => url)
          .join('\n')
      })
    await expect
      .poll(async () => /markdown-/.test(await kept()) && /preview-/.test(await kept()))
      .toBe(true)
    expect(await kept()).not.toMatch(/vim-|lang-python-/)
    await server.stop()
    await ada.page.reload()
    await ada.reads('# Hello')
    await ada.page.locator('coscribe-editor .cm-line span[class]').first().waitFor()
    await press(ada, 'Show preview')
    await expect.poll(() => preview(ada)).toContain('Hello')
    await ada.page.getByRole('button', { name: 'Document menu' }).click()
    await ada.page.getByLabel('Language of the text').selectOption('python')
    await ada.page.getByText('Without a network only what was used before is here').waitFor()
    expect(await ada.content()).toBe('# Hello')
  })

  it('[E143] loads what is used for the first time also where a full disk keeps none of it', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await ada.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    const session = await ada.context.newCDPSession(ada.page)
    await session.send('Storage.overrideQuotaForOrigin', { origin: url, quotaSize: 1 })
    await press(ada, 'Settings…')
    await ada.page.getByLabel('Keys').selectOption('vim')
    await ada.page.locator('coscribe-editor .cm-vim-panel').waitFor()
  })

  it('[E41] opens from what is kept in time, whatever comes instead of an answer', async () => {
    const server = await startPageServer()
    const ada = await people.person()
    await ada.page.goto(`${server.url}/d/installed`)
    await ada.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    const insteads: readonly RequestListener[] = [
      // The connection stands, and nothing is ever said.
      () => undefined,
      (_, response) => void response.writeHead(200).write('<!doctype html>'),
      (_, response) => void response.writeHead(502).end('Bad Gateway'),
    ]
    for (const instead of insteads) {
      server.answer(instead)
      await ada.page.reload()
      await ada.page.locator('document-page').waitFor()
    }
  })

  it('[E143] a new version is taken up as a whole, and a tab of the one before keeps its own', async () => {
    const server = await startPageServer()
    const ada = await people.person()
    await ada.page.goto(`${server.url}/d/installed`)
    await ada.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    const entry = (): Promise<string> =>
      ada.page.evaluate(() => document.querySelector<HTMLScriptElement>('script[src]')?.src ?? '')
    const kept = (): Promise<readonly string[]> =>
      ada.page.evaluate(async () => {
        const keys = await Promise.all(
          (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
        )
        return keys.flat().map(({ url }) => new URL(url).pathname)
      })
    await ada.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    const first = await entry()
    const used = first.replace(/index-[\w-]+/, readUsed())
    expect(await ada.page.evaluate(async (path) => (await fetch(path)).ok, used)).toBe(true)
    await expect
      .poll(async () => (await kept()).filter((path) => path.includes('/markdown-')).length)
      .toBe(1)
    server.update()
    await ada.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update())
    // The next version has what was used of this one, and this tab still has what it was made of.
    await expect
      .poll(async () => (await kept()).filter((path) => path.includes('/markdown-')).length)
      .toBe(2)
    expect((await kept()).some((path) => path.includes('/vim-'))).toBe(false)
    await ada.page.waitForFunction(async () => {
      const { active, installing, waiting } =
        (await navigator.serviceWorker.getRegistration()) ?? {}
      // Chromium loses a navigation that begins in the moment in which the next worker takes over.
      return active?.state === 'activated' && installing === null && waiting === null
    })
    const still = await ada.page.evaluate(
      async (paths) => Promise.all(paths.map(async (path) => (await fetch(path)).status)),
      [first, used],
    )
    expect(still).toEqual([200, 200])
    await server.stop()
    await ada.page.reload({ waitUntil: 'commit' })
    await ada.page.locator('document-page').waitFor()
    expect(await entry()).not.toBe(first)
    expect(ada.errors.filter((error) => !error.includes('WebSocket'))).toEqual([])
  })
})

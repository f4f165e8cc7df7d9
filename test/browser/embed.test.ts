import type { CoscribeEditor } from '@coscribe/client/editor'
import type { WebSocket } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CoscribeGlobal } from '../../client/src/editor/script.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { startHostPage } from '../support/host-page.js'
import { startTestServer } from '../support/test-server.js'
import { tokenFor } from '../support/tokens.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

declare global {
  interface Window {
    violations: string[]
    told: string[]
    kept: unknown
    Coscribe: CoscribeGlobal
  }
}

/** Somebody who notes what the policy stopped, and what the element told. */
function watchful(): Promise<BrowserPerson> {
  return people.person({
    before: [
      () => {
        window.violations = []
        window.told = []
        document.addEventListener('securitypolicyviolation', (event) => {
          window.violations.push(`${event.violatedDirective} ${event.blockedURI}`)
        })
        for (const name of ['coscribe-ready', 'coscribe-change', 'coscribe-error'] as const) {
          document.addEventListener(name, () => window.told.push(name))
        }
      },
    ],
  })
}

/** The least a page must allow: the server's script, and connections to it. */
function leastPolicy(server: string): string {
  return `default-src 'none'; script-src ${server}; connect-src ${server.replace('http', 'ws')}`
}

function hostHtml(server: string, type = ''): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title>
<script ${type} src="${server}/coscribe-editor.js"></script>
<main><coscribe-editor url="${server}" doc="minutes" user-name="Ada" placeholder="Notes"></coscribe-editor></main>`
}

describe('<coscribe-editor>', () => {
  it.each([
    ['a script', 'defer'],
    ['a module', 'type="module" crossorigin'],
  ])('[E36] works from one tag under a strict policy: %s', async (_name, type) => {
    const { url } = await startTestServer()
    const host = await startHostPage(hostHtml(url, type), leastPolicy(url))
    const ada = await watchful()
    await ada.page.goto(host)
    await ada.page.waitForFunction(() => window.told.includes('coscribe-ready'))
    await ada.write('from elsewhere')
    const ben = await people.person()
    await ben.open(`${url}/d/minutes`)
    await ben.reads('from elsewhere')
    await ben.write('!')
    await ada.reads('from elsewhere!')
    // There is one, and what looks for it would complain of a second.
    await ben.page.getByRole('button', { name: 'Jump to Ada' }).waitFor()
    expect(await ada.page.evaluate(() => window.violations)).toEqual([])
    expect(await ada.page.evaluate(() => new Set(window.told).has('coscribe-change'))).toBe(true)
    expect(await ada.page.evaluate(() => document.querySelectorAll('style').length)).toBe(0)
    expect(ada.errors).toEqual([])
  })

  it('[E125] an extension that is none leaves neither a connection nor a node behind', async () => {
    const { url } = await startTestServer()
    const host = await startHostPage(hostHtml(url), leastPolicy(url))
    const ada = await watchful()
    const sockets: WebSocket[] = []
    ada.page.on('websocket', (socket) => sockets.push(socket))
    await ada.page.goto(host)
    await ada.page.waitForFunction(() => window.told.includes('coscribe-ready'))
    const fault = await ada.page.evaluate((server) => {
      const main = document.querySelector('main')
      if (main === null) return 'no place'
      const before = main.childElementCount
      const options = { url: server, doc: 'other', extensions: [{}] } as never
      try {
        window.Coscribe.mountEditor(main, options)
      } catch (error) {
        return `${String(error)} ${main.childElementCount - before}`
      }
      return 'mounted'
    }, url)
    expect(fault).toMatch(/^Error: Unrecognized extension value .* 0$/)
    // By the time that another one is here, the first would have been, beside that of the element.
    await ada.page.evaluate(async (server) => {
      const main = document.querySelector('main')
      if (main === null) return
      await window.Coscribe.mountEditor(main, { url: server, doc: 'third' }).room.whenReady()
    }, url)
    await expect.poll(() => sockets.filter((socket) => !socket.isClosed()).length).toBe(2)
  })

  it('[E36] is stopped by a policy that does not allow it, and the test sees that', async () => {
    const { url } = await startTestServer()
    const host = await startHostPage(
      hostHtml(url, 'defer'),
      `default-src 'none'; script-src ${url}`,
    )
    const ada = await watchful()
    await ada.page.goto(host)
    await ada.page.waitForFunction(() => window.violations.length > 0)
    expect((await ada.page.evaluate(() => window.violations))[0]).toContain('connect-src')
  })

  it('[E37] keeps its room when it is moved, and leaves when it is taken out', async () => {
    const server = await startTestServer()
    const { url } = server
    const host = await startHostPage(hostHtml(url, 'defer'), leastPolicy(url))
    const ada = await watchful()
    await ada.page.goto(host)
    await ada.page.waitForFunction(() => window.told.includes('coscribe-ready'))
    await ada.write('kept')
    const same = await ada.page.evaluate(async () => {
      const editor = document.querySelector<CoscribeEditor>('coscribe-editor')
      if (editor === null) return false
      const { room, handle } = editor
      const place = document.body.appendChild(document.createElement('section'))
      place.append(editor)
      await new Promise((resolve) => setTimeout(resolve, 50))
      return editor.room === room && editor.handle === handle && handle?.view.dom.isConnected
    })
    expect(same).toBe(true)
    await ada.write(', and writable')
    await ada.reads('kept, and writable')
    await expect.poll(() => server.connections).toBe(1)
    await ada.page.evaluate(() => {
      window.kept = document.querySelector<CoscribeEditor>('coscribe-editor')
      document.querySelector<CoscribeEditor>('coscribe-editor')?.remove()
    })
    await expect.poll(() => server.connections).toBe(0)
    await ada.page.evaluate(() => document.body.append(window.kept as Node))
    await ada.reads('kept, and writable')
    await expect.poll(() => server.connections).toBe(1)
  })

  it('[E36] needs no exception from the policy for typing over several lines', async () => {
    const { url } = await startTestServer()
    const host = await startHostPage(hostHtml(url, 'defer'), leastPolicy(url))
    const ada = await watchful()
    await ada.page.goto(host)
    await ada.page.waitForFunction(() => window.told.includes('coscribe-ready'))
    await ada.write('one two\nthree\nfive six')
    for (const key of [
      'ArrowLeft',
      'ArrowLeft',
      'Shift+ArrowUp',
      'Shift+ArrowUp',
      'Shift+ArrowLeft',
    ])
      await ada.page.keyboard.press(key)
    await ada.page.keyboard.type('k')
    await ada.reads('one tkix')
    await ada.page.keyboard.press('ControlOrMeta+z')
    await ada.reads('one two\nthree\nfive six')
    expect(await ada.page.evaluate(() => window.violations)).toEqual([])
  })

  it('[E37] follows its attributes', async () => {
    const { url } = await startTestServer()
    const host = await startHostPage(hostHtml(url, 'defer'), leastPolicy(url))
    const ada = await watchful()
    await ada.page.goto(host)
    await ada.page.waitForFunction(() => window.told.includes('coscribe-ready'))
    await ada.write('first')
    await ada.page.evaluate(() =>
      document.querySelector<CoscribeEditor>('coscribe-editor')?.toggleAttribute('readonly'),
    )
    await ada.write('nothing')
    expect(await ada.shown()).toBe('first')
    await ada.page.evaluate(() => {
      const editor = document.querySelector<CoscribeEditor>('coscribe-editor')
      editor?.removeAttribute('readonly')
      editor?.setAttribute('label', 'Notes')
      editor?.setAttribute('doc', 'other')
      editor?.removeAttribute('user-name')
      // As frameworks say that there is none.
      if (editor !== null) editor.room = null
    })
    await ada.page.getByRole('textbox', { name: 'Notes' }).waitFor()
    await ada.reads('')
    expect(
      await ada.page.evaluate(
        () => document.querySelector<CoscribeEditor>('coscribe-editor')?.room?.documentId,
      ),
    ).toBe('other')
    const nameOf = () =>
      ada.page.evaluate(() => {
        const { presence } = document.querySelector('coscribe-editor')?.room ?? {}
        return presence?.self?.['name'] ?? 'none'
      })
    expect(await nameOf()).toBe('none')
    await ada.page.evaluate(() =>
      document.querySelector('coscribe-editor')?.setAttribute('user-name', 'Ada'),
    )
    await expect.poll(nameOf).toBe('Ada')
    await ada.page.evaluate(() =>
      document.querySelector('coscribe-editor')?.removeAttribute('user-name'),
    )
    await expect.poll(nameOf).toBe('none')
  })

  it('[E66] says that it is refused, and takes a token as attribute, property or function', async () => {
    const { url } = await startGuardedServer()
    const host = await startHostPage(hostHtml(url, 'defer'), leastPolicy(url))
    const ada = await watchful()
    await ada.page.goto(host)
    await ada.page.waitForFunction(() => window.told.includes('coscribe-error'))
    await ada.page.waitForFunction(
      () =>
        document.querySelector<CoscribeEditor>('coscribe-editor')?.room?.status.error?.code ===
        'not-authenticated',
    )
    const [other, reader, writer] = await Promise.all([
      tokenFor('ada', { other: 'write' }),
      tokenFor('ada', { minutes: 'read' }),
      tokenFor('ada', { minutes: 'write' }),
    ])
    await ada.page.evaluate(async (token) => {
      const editor = document.querySelector<CoscribeEditor>('coscribe-editor')
      if (editor !== null) editor.token = token
      while (editor?.room?.status.error?.code !== 'forbidden')
        await new Promise((resolve) => setTimeout(resolve, 5))
    }, other)
    await ada.page.evaluate((token) => {
      const editor = document.querySelector<CoscribeEditor>('coscribe-editor')
      if (editor !== null) editor.token = (reason) => Promise.resolve(`${token}${reason.slice(7)}`)
    }, reader)
    await ada.page.waitForFunction(
      () =>
        document.querySelector<CoscribeEditor>('coscribe-editor')?.room?.status.access === 'read',
    )
    const markup = await ada.page.evaluate(
      () => document.querySelector<CoscribeEditor>('coscribe-editor')?.outerHTML ?? '',
    )
    expect(markup).not.toContain('token')
    await ada.page.evaluate((token) => {
      const editor = document.querySelector<CoscribeEditor>('coscribe-editor')
      editor?.room?.disconnect()
      editor?.setAttribute('token', token)
      editor?.room?.connect()
    }, writer)
    await ada.page.locator('coscribe-editor [contenteditable=true]').waitFor()
    await ada.write('let in')
    await ada.reads('let in')
    expect(await ada.page.evaluate(() => window.violations)).toEqual([])
  })

  it('[E37] is a function too: in any element, with a room of its own or a given one', async () => {
    const { url } = await startTestServer()
    const html = `<!doctype html><html lang="en"><title>Host</title>
<script src="${url}/coscribe-editor.js"></script><main></main>`
    const ada = await watchful()
    await ada.page.goto(await startHostPage(html, leastPolicy(url)))
    const texts = await ada.page.evaluate(async (server) => {
      const { connect, mountEditor } = window.Coscribe
      const [left, right] = [0, 1].map(() =>
        document.body.appendChild(document.createElement('div')),
      )
      if (left === undefined || right === undefined) return []
      const room = connect({ url: server, doc: 'shared' })
      const one = mountEditor(left, { room })
      const two = mountEditor(right, { url: server, doc: 'shared', theme: 'dark', label: 'Second' })
      await Promise.all([room.whenReady(), two.room.whenReady()])
      one.view.dispatch({ changes: { from: 0, insert: 'one' } })
      await room.whenSaved()
      while (two.view.state.doc.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
      one.destroy()
      two.setOptions({ readOnly: true })
      const shown = [two.view.state.doc.toString(), String(two.view.state.readOnly)]
      two.destroy()
      return [
        ...shown,
        room.status.connection,
        two.room.status.connection,
        left.innerHTML + right.innerHTML,
      ]
    }, url)
    expect(texts).toEqual(['one', 'true', 'connected', 'closed', ''])
    expect(await ada.page.evaluate(() => window.violations)).toEqual([])
  })
})

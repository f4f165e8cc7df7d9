import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { startTestServer } from '../support/test-server.js'
import { tokenFor } from '../support/tokens.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

type Held = { readonly asked: Promise<unknown>; readonly go: () => void }

/** Keeps what somebody's page asks for from its server until the test lets it go. */
async function hold({ page }: BrowserPerson, address: string, method = 'GET'): Promise<Held> {
  const doors: (() => void)[] = []
  const opened = new Promise<void>((resolve) => doors.push(resolve))
  const asked = new Promise<void>((resolve) => doors.push(resolve))
  await page.route(address, async (route) => {
    if (route.request().method() === method) {
      doors[1]?.()
      await opened
    }
    await route.fallback()
  })
  return { asked, go: () => doors[0]?.() }
}

describe('what was asked for at one place and is answered at another', () => {
  it('[E65] signing out: nobody is at the next place', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person()
    const { page } = ada
    await page.goto(`${url}/d/plan#token=${await tokenFor('ada', { plan: 'admin' })}`)
    await ada.saved()
    await ada.title.fill('Plan')
    await ada.title.press('Enter')
    await expect.poll(() => page.title()).toBe('Plan — Coscribe')
    const leaving = await hold(ada, '**/api/v1/session', 'DELETE')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
    await leaving.asked
    await page.getByRole('link', { name: 'Coscribe: all documents' }).click()
    await page.getByRole('link', { name: 'Plan', exact: true }).waitFor()
    leaving.go()
    await page.locator('sign-in').waitFor()
    expect(await page.locator('document-rows').count()).toBe(0)
  })
})

describe('sharing', () => {
  it('[E91] offers links also where the document was here before the server', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person()
    const { page } = ada
    let isThere = true
    await page.routeWebSocket(/./, (socket) => {
      if (isThere) socket.connectToServer()
      else void socket.close({ code: 1001 })
    })
    await page.goto(`${url}/d/plan#token=${await tokenFor('ada', { plan: 'admin' })}`)
    await ada.saved()
    await ada.write('kept')
    await ada.saved()
    await page.waitForFunction(
      () => document.querySelector('coscribe-editor')?.room?.status.keptLocally === true,
    )
    isThere = false
    await page.reload()
    await ada.reads('kept')
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('dialog').waitFor()
    isThere = true
    await page.evaluate(() => document.querySelector('coscribe-editor')?.room?.connect())
    await page.getByRole('button', { name: 'Create link' }).waitFor()
  })
})

describe('a list in which titles are typed', () => {
  it('[E88, E92, E182] is left alone by what becomes of others, and has one menu', async () => {
    const { url } = await startTestServer()
    for (const title of ['Aims', 'Budget']) {
      const body = JSON.stringify({ id: title, title })
      const headers = { 'Content-Type': 'application/json' }
      await fetch(`${url}/api/v1/documents`, { method: 'POST', headers, body })
    }
    const ada = await people.person()
    const { page } = ada
    const row = (title: string) => page.getByRole('link', { name: title, exact: true })
    const field = page.getByRole('textbox', { name: 'Title' })
    await page.goto(url)
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'PATCH') asked.push(request.url().replace(/.*\//, ''))
    })
    const renaming = await hold(ada, '**/api/v1/documents/Aims', 'PATCH')
    await row('Aims').press('F2')
    await page.keyboard.type('First')
    await page.keyboard.press('Enter')
    await renaming.asked
    await row('Budget').press('F2')
    await page.keyboard.type('Half')
    renaming.go()
    await expect
      .poll(() => page.locator('.documents li').first().getAttribute('data-id'))
      .toBe('Aims')
    await page.keyboard.type(' and half')
    expect(await field.inputValue()).toBe('Half and half')
    expect(asked).toEqual(['Aims'])
    // One that is refused by then is told of, and no more.
    await page.route('**/api/v1/documents/Budget', (route) => route.fulfill({ status: 503 }))
    const refusing = await hold(ada, '**/api/v1/documents/Budget', 'PATCH')
    await page.keyboard.press('Enter')
    await refusing.asked
    await row('First').press('F2')
    await page.keyboard.type('Second')
    refusing.go()
    await page.locator('said-line').getByText('not renamed').waitFor()
    await page.keyboard.type(' try')
    expect(await field.inputValue()).toBe('Second try')
    await page.keyboard.press('Escape')
    // As assistive technology presses: nothing before closes what is open.
    const opener = (title: string) => page.getByRole('button', { name: `Actions for ${title}` })
    for (const title of ['First', 'Budget']) await opener(title).dispatchEvent('click')
    await page.getByRole('menu', { name: 'Budget' }).waitFor()
    await page.getByRole('menuitem', { name: 'Rename' }).and(page.locator(':focus')).waitFor()
    const isExpanded = (title: string) => opener(title).getAttribute('aria-expanded')
    expect([await isExpanded('First'), await isExpanded('Budget')]).toEqual(['false', 'true'])
    expect(ada.errors.filter((error) => !error.includes('503'))).toEqual([])
  })

  it('[E85, E183] begins one document for who presses twice', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person()
    const { page } = ada
    const token = await tokenFor('ada', {}, { prefixes: { 'team/': 'admin' } })
    await page.goto(`${url}/#token=${token}`)
    const created: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/documents'))
        created.push(request.url())
    })
    const link = page.getByRole('link', { name: 'New document' })
    // Also when it has its address already, and the page of it is on its way.
    const visit = await hold(ada, '**/assets/visit-*')
    await link.dblclick()
    await visit.asked
    await link.click()
    visit.go()
    await ada.saved()
    expect(created).toHaveLength(1)
    await page.goBack()
    await link.waitFor()
    // And another one for who presses afterwards.
    await link.click()
    await ada.saved()
    expect(created).toHaveLength(2)
  })
})

describe('a desk', () => {
  it('[E138, E144, E185] tells of nothing that nobody waits for, of all else in turn, and asks for one thing at a time', async () => {
    const { url } = await startTestServer()
    const ada = await people.person({ context: { serviceWorkers: 'block' } })
    const { page } = ada
    await ada.open(url)
    const note = page.getByRole('alertdialog')
    for (const part of ['yaml', 'preview-'])
      await page.route(`**/assets/*${part}*.js`, (route) => route.abort())
    const colours = await hold(ada, '**/assets/*yaml*')
    const failed = page.waitForEvent('requestfailed')
    await ada.title.fill('train.yaml')
    await colours.asked
    await ada.title.fill('train.py')
    await page.waitForFunction(
      () => document.querySelector<HTMLSelectElement>('#language')?.value === 'python',
    )
    colours.go()
    await failed
    await page.evaluate(() => new Promise(requestAnimationFrame))
    expect(await note.isVisible()).toBe(false)

    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.keyboard.press('ControlOrMeta+Shift+M')
    await note.getByText('You can go on without it').waitFor()
    await page.keyboard.press('Enter')
    await note.waitFor({ state: 'hidden' })
    await page.evaluate(() => new Promise(requestAnimationFrame))
    expect(asked).toHaveLength(1)

    await page.evaluate(() => {
      for (const name of ['one.txt', 'two.txt']) {
        const dataTransfer = new DataTransfer()
        for (let count = 0; count < 2; count++) dataTransfer.items.add(new File(['x'], name))
        const init = { dataTransfer, bubbles: true, cancelable: true }
        document.body.dispatchEvent(new DragEvent('drop', init))
      }
    })
    for (const name of ['one.txt', 'two.txt']) {
      await note.getByText(`${name} was not opened`).waitFor()
      await page.keyboard.press(name === 'one.txt' ? 'Escape' : 'Enter')
    }
    await note.waitFor({ state: 'hidden' })

    const ydoc = new Y.Doc()
    ydoc.getText('content').insert(0, 'merged')
    await page.evaluate(
      (bytes) => {
        for (const name of ['first.yjs', 'second.yjs']) {
          const dataTransfer = new DataTransfer()
          dataTransfer.items.add(new File([new Uint8Array(bytes)], name))
          const init = { dataTransfer, bubbles: true, cancelable: true }
          document.body.dispatchEvent(new DragEvent('drop', init))
        }
      },
      [...Y.encodeStateAsUpdate(ydoc)],
    )
    const dialog = page.getByRole('dialog')
    await dialog.getByText('first.yjs').waitFor()
    await page.evaluate(() => new Promise(requestAnimationFrame))
    expect(await dialog.getByText('second.yjs').count()).toBe(0)
  })
})

describe('an invite link', () => {
  it('[E63, E184] that is opened while the page is on its way is used all the same', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person()
    const { page } = ada
    const visit = await hold(ada, '**/assets/visit-*')
    await page.goto(`${url}/d/plan`)
    await visit.asked
    const token = await tokenFor('ada', { plan: 'write' })
    await page.evaluate((given) => location.assign(`#token=${given}`), token)
    visit.go()
    await ada.saved()
    expect(page.url()).toBe(`${url}/d/plan`)
  })
})

describe('an element', () => {
  it('[E66, E68] takes a token that came before the old one was refused, and loses nothing by setting aside', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person()
    await ada.page.goto(`${url}/d/plan#token=${await tokenFor('ada', { plan: 'write' })}`)
    await ada.saved()
    const token = await tokenFor('ada', { own: 'write' })
    const told = await ada.page.evaluate(async (good) => {
      const editor = document.createElement('coscribe-editor')
      const renew = (): string => {
        editor.token = good
        return 'not good any more'
      }
      const ready = new Promise((resolve) => editor.addEventListener('coscribe-ready', resolve))
      Object.assign(editor, { url: location.origin, doc: 'own', token: renew })
      document.body.append(editor)
      await ready
      const { handle } = editor
      handle?.insert('written')
      const aside = [editor.setAside(), editor.setAside()]
      handle?.insert(', and more', 7)
      const texts = [await aside[0]]
      await editor.updateComplete
      const { room } = editor
      texts.push(await aside[1])
      await editor.updateComplete
      const isSame = editor.room === room && room !== handle?.room
      // A browser that keeps the copy: the element goes on nevertheless.
      if (room !== undefined) room.forget = () => Promise.reject(new Error('kept'))
      const fault = await editor.setAside().catch(String)
      await editor.updateComplete
      return { texts, isSame, fault, isAnew: editor.room !== room && editor.room !== undefined }
    }, token)
    expect(told).toEqual({
      texts: ['written, and more', 'written, and more'],
      isSame: true,
      fault: 'Error: kept',
      isAnew: true,
    })
  })

  it.each([
    ['an empty one', ''],
    ['none any more', null],
  ])(
    '[E66] that is refused is not at the door again without another token: %s',
    async (_, none) => {
      const { url } = await startGuardedServer()
      const ada = await people.person()
      await ada.page.goto(`${url}/d/other`)
      const told = await ada.page.evaluate(async (token) => {
        await customElements.whenDefined('coscribe-editor')
        const editor = document.createElement('coscribe-editor')
        const refused = (): Promise<void> =>
          new Promise((resolve) => {
            editor.addEventListener('coscribe-error', () => resolve(), { once: true })
          })
        const first = refused()
        Object.assign(editor, { url: location.origin, doc: 'plan', token: token ?? 'no good' })
        document.body.append(editor)
        await first
        if (token === null) {
          const again = refused()
          Object.assign(editor, { token })
          await again
        }
        const connections = []
        for (let count = 0; count < 3; count++) {
          editor.requestUpdate()
          await editor.updateComplete
          connections.push(editor.room?.status.connection)
        }
        return connections
      }, none)
      expect(told).toEqual(['closed', 'closed', 'closed'])
    },
  )
})

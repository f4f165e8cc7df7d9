import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings } from '../support/axe.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { tokenFor } from '../support/tokens.js'
import { accessEnds, accessIsRenewedAndTaken, field, heading } from './stories/access.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** The id of what has the focus. */
function focused({ page }: BrowserPerson): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.id)
}

const phone = { viewport: { width: 390, height: 844 } }

describe('a page that is not let in', () => {
  it.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark', ...phone }],
  ] as const)(
    '[E62, E38] says why and takes a token, by keyboard alone: %s',
    async (_, context) => {
      const { url, loaded } = await startGuardedServer()
      const ada = await people.person({ context })
      await ada.page.goto(`${url}/d/doc`)
      await heading(ada, 'Sign in to open this document').waitFor()
      await ada.status.getByText('Not signed in').first().waitFor()
      await ada.page.locator('#spoken').getByText('Sign in to open').waitFor()
      expect(await ada.page.locator('coscribe-editor, input[type=password]').count()).toBe(0)
      expect(await findings(ada)).toEqual([])
      // Nothing else has the focus, so it is the field.
      await expect.poll(() => focused(ada)).toBe('invite')
      await ada.page.keyboard.type('no token')
      await expect
        .poll(async () => [await focused(ada), await field(ada).inputValue()])
        .toEqual(['invite', 'no token'])
      await ada.page.keyboard.press('Enter')
      await ada.page.getByRole('alert').getByText('neither an access token nor an invite').waitFor()
      await ada.page.keyboard.type(await tokenFor('ada', { other: 'write' }))
      await ada.page.keyboard.press('Enter')
      await heading(ada, 'This document is not open to you').waitFor()
      await ada.page.getByText('signed in as ada, who has no right to it').waitFor()
      expect(await findings(ada)).toEqual([])
      expect(loaded).not.toContain('doc')
      await field(ada).fill(`${url}/d/doc#token=${await tokenFor('ada', { doc: 'write' })}`)
      await ada.page.keyboard.press('Enter')
      await ada.saved()
      await ada.write('let in')
      await ada.reads('let in')
      expect(await ada.page.locator('sign-in').count()).toBe(0)
      expect(await findings(ada)).toEqual([])
    },
  )

  it('[E62] keeps what was written when its access ends, and sends it with the next', () =>
    accessEnds(people))

  it('[E66, E67] is renewed without a word while somebody writes, and taken and given back', () =>
    accessIsRenewedAndTaken(people))
})

describe('an invite link', () => {
  it('[E63] is no link any more before anything else runs', async () => {
    const { url } = await startGuardedServer()
    const invite = await tokenFor('ada', { doc: 'write' })
    const ada = await people.person({ before: [noteTokens] })
    const answers: string[] = []
    ada.page.on('request', (request) => answers.push(request.url()))
    await ada.page.goto(`${url}/d/doc#token=${invite}`)
    await ada.saved()
    expect(ada.page.url()).toBe(`${url}/d/doc`)
    expect(await ada.page.evaluate(() => window.seen)).toEqual([])
    expect(answers.filter((address) => address.includes(invite))).toEqual([])
    const kept = await ada.page.evaluate(() => JSON.stringify([localStorage, sessionStorage]))
    expect(kept + (await ada.page.content())).not.toContain(invite)
  })

  it('[E63] opened over the document leaves its history too, also where no sessions are kept', async () => {
    const { url } = await startGuardedServer()
    const invite = await tokenFor('ada', { doc: 'write' })
    const ada = await people.person()
    await ada.context.route('**/api/v1/session', (route) => route.fulfill({ status: 404 }))
    await ada.page.goto(`${url}/d/doc`)
    await field(ada).waitFor()
    await ada.page.evaluate((token) => {
      location.hash = `token=${token}`
    }, invite)
    await ada.saved()
    await ada.page.goBack()
    await ada.page.goForward()
    expect(ada.page.url()).toBe(`${url}/d/doc`)
    await ada.page.reload()
    await heading(ada, 'Sign in to open this document').waitFor()
  })

  it('[E64, E169] of somebody else asks, and each sees their own copy only', async () => {
    const { url } = await startGuardedServer()
    const ada = await people.person()
    await ada.page.goto(`${url}/d/doc#token=${await tokenFor('ada', { doc: 'write' })}`)
    await ada.saved()
    await ada.unplug()
    await ada.write('by ada')
    await ada.page.locator('coscribe-status[data-save=local]').waitFor()
    await ada.page.evaluate(
      (token) => {
        location.hash = `token=${token}`
      },
      await tokenFor('ben', { doc: 'write' }),
    )
    const dialog = ada.page.getByRole('dialog', { name: 'Go on as somebody else?' })
    await dialog.getByText('You are signed in as ada').waitFor()
    expect(await findings(ada)).toEqual([])
    await dialog.getByRole('button', { name: 'Stay' }).click()
    expect(await ada.shown()).toBe('by ada')
    await ada.page.evaluate(
      (token) => {
        location.hash = `token=${token}`
      },
      await tokenFor('ben', { doc: 'write' }),
    )
    await dialog.getByRole('button', { name: 'Use the link' }).click()
    await ada.saved()
    expect(await ada.content()).toBe('')
    // One that is of no use is told of where everybody sees it, and nothing changes.
    await ada.page.evaluate(() => {
      location.hash = 'token=worth.nothing.here'
    })
    await dialog.getByRole('button', { name: 'Use the link' }).click()
    const note = ada.page.getByRole('alert').filter({ hasText: 'The link was not used' })
    await note.waitFor()
    expect(await findings(ada)).toEqual([])
    await note.getByRole('button', { name: 'Done' }).click()
    await note.waitFor({ state: 'detached' })
    await ada.write('by ben')
    await ada.saved()
  })
})

/** Somebody writes at the beginning of the text what a server of that little depth does not take. */
function writeRefused({ page }: BrowserPerson, written: string): Promise<void> {
  return page.evaluate((text) => {
    const room = document.querySelector('coscribe-editor')?.room
    room?.ydoc.transact(() => {
      room.text('content').insert(0, text)
      room.ydoc.getMap('values').set('deep', { a: { b: { c: 1 } } })
    })
  }, written)
}

describe('what the server will never take', () => {
  it('[E68, E38, E180] is set aside, and the page goes on without it', async () => {
    const { server, url } = await startGuardedServer({ jsonDepth: 2 })
    const ada = await people.person()
    await ada.page.goto(`${url}/d/doc#token=${await tokenFor('ada', { doc: 'write' })}`)
    await ada.saved()
    await ada.write('taken')
    await ada.saved()
    await writeRefused(ada, 'refused and ')
    await heading(ada, 'Your last changes were not taken').waitFor()
    await ada.write(', with more')
    expect(await findings(ada)).toEqual([])
    // Twice is once, and one may go on writing meanwhile.
    await ada.page.locator('#set-aside').evaluate((button: HTMLElement) => {
      button.click()
      button.click()
      const handle = document.querySelector('coscribe-editor')?.handle
      handle?.insert(' to come', handle.view.state.doc.length)
    })
    await ada.saved()
    await ada.reads('taken')
    expect(await ada.page.locator('coscribe-editor').count()).toBe(1)
    await expect.poll(() => server.connections).toBe(1)
    const aside = ada.page.getByRole('textbox', { name: 'Your text was set aside' })
    expect(await aside.inputValue()).toBe('refused and taken, with more to come')
    expect(await findings(ada)).toEqual([])
    await ada.write(' again')
    await ada.saved()
    // What is set aside then comes after what was before.
    await writeRefused(ada, 'once more ')
    await ada.page.locator('#set-aside').click()
    await ada.saved()
    const both = 'refused and taken, with more to come\n\nonce more taken again'
    await expect.poll(() => aside.inputValue()).toBe(both)
    // In another tab of this browser somebody else comes in: what was set aside is nowhere else.
    const ben = await people.tab(ada)
    await ben.page.goto(`${url}/#token=${await tokenFor('ben', { doc: 'write' })}`)
    const asks = ben.page.getByRole('dialog', { name: 'Go on as somebody else?' })
    await asks.getByRole('button', { name: 'Use the link' }).click()
    const replaced = ada.page.getByRole('dialog').filter({ hasText: 'only in this tab' })
    await replaced.getByRole('button', { name: 'Stay' }).click()
    expect(await aside.inputValue()).toBe(both)
    await ada.page.getByRole('button', { name: 'Done' }).click()
    await ada.page.reload()
    await ada.saved()
    await ada.reads('taken again')
    expect(await heading(ada, 'Your last changes').count()).toBe(0)
  })
})

describe('signing out', () => {
  it('[E65, E38] leaves the document, and nothing of it on the screen', async () => {
    const { url, server } = await startGuardedServer()
    const ada = await people.person()
    await ada.page.goto(`${url}/d/doc#token=${await tokenFor('ada', { doc: 'write' })}`)
    await ada.saved()
    await ada.write('private')
    await ada.saved()
    await ada.page.getByRole('button', { name: 'Sign out' }).click()
    const dialog = ada.page.getByRole('dialog', { name: 'Sign out' })
    await dialog.getByText('You are signed in as ada.').waitFor()
    expect(await findings(ada)).toEqual([])
    await dialog.getByRole('button', { name: 'Sign out' }).click()
    await heading(ada, 'Sign in to open this document').waitFor()
    await expect.poll(() => server.connections).toBe(0)
    await ada.page.reload()
    await heading(ada, 'Sign in to open this document').waitFor()
    expect(await ada.page.content()).not.toContain('private')
  })
})

declare global {
  interface Window {
    /** Who saw the token, and where. */
    seen: string[]
  }
}

/** Notes whatever a page does while its address holds a token, but for taking it out. Runs in the page. */
function noteTokens(): void {
  window.seen = []
  const watched: readonly (readonly [object, string])[] = [
    [window, 'fetch'],
    [window, 'WebSocket'],
    [CustomElementRegistry.prototype, 'define'],
    [Storage.prototype, 'getItem'],
  ]
  for (const [owner, name] of watched) {
    const handler: ProxyHandler<CallableFunction> = {
      apply: (target, self, args) => {
        if (location.hash.includes('token')) window.seen.push(name)
        return Reflect.apply(target, self, args) as unknown
      },
      construct: (target, args) => {
        if (location.hash.includes('token')) window.seen.push(name)
        return Reflect.construct(target, args) as object
      },
    }
    const value = new Proxy(Reflect.get(owner, name) as CallableFunction, handler)
    Object.defineProperty(owner, name, { value })
  }
}

import { connect, Y } from '@coscribe/client'
import { cleanTitle, closeCodes, encodeServerFrame } from '@coscribe/shared'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { BrowserPeople } from '../support/browser-people.js'
import { startHostPage } from '../support/host-page.js'
import { injections, InjectionWatch, nothing } from '../support/injections.js'
import { startTestServer } from '../support/test-server.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** All injections one after the other, on a machine that has other things to do. */
const MANY_MS = 180_000

/** Whatever a peer can say of itself, in the fields that are read and in those that once were. */
function presenceOf(injection: string, round: number, place: unknown): Record<string, unknown> {
  return {
    round,
    id: injection,
    name: injection,
    hue: injection,
    color: injection,
    colorLight: injection,
    focused: injection,
    user: { name: injection, color: injection, colorLight: injection },
    cursor: { anchor: place, head: place, [injection]: injection },
    ranges: [injection, injection],
    [injection]: injection,
  }
}

/** Gives the document `doc` another title, as often as one likes. */
async function rename(url: string, title: string): Promise<void> {
  await fetch(`${url}/api/v1/documents/doc`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ title }),
  })
}

describe('what others write', () => {
  it(
    '[E70] is text, in the document, its title and everything they say of themselves',
    async () => {
      const { url } = await startTestServer()
      const mallory = connect({ url, doc: 'doc', WebSocket })
      onTestFinished(() => mallory.destroy())
      const ada = await people.person()
      const watch = await InjectionWatch.over(ada.page, url)
      await ada.open(`${url}/d/doc`)
      await mallory.whenReady()
      const content = mallory.text('content')
      for (const [round, injection] of injections.entries()) {
        content.insert(0, `${injection}\n`)
        await mallory.whenSaved()
        await rename(url, injection)
        const place = Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(content, 3))
        mallory.presence.set(presenceOf(injection, round, place))
        await ada.page.waitForFunction(
          ([wanted, text]) => {
            const room = document.querySelector('coscribe-editor')?.room
            return (
              room?.presence.others[0]?.state['round'] === wanted &&
              document.querySelector<HTMLInputElement>('#title')?.value === text
            )
          },
          [round, cleanTitle(injection)] as const,
        )
      }
      await ada.page.locator('.cm-coscribeCaret').first().waitFor()
      expect(await ada.shown()).toBe(`${injections.toReversed().join('\n')}\n`)
      expect(await watch.evidence()).toEqual(nothing)
      expect(ada.errors).toEqual([])
    },
    MANY_MS,
  )
})

describe('an address', () => {
  it(
    '[E70] is text too: ids, what is wrong with them, and fragments',
    async () => {
      const { url } = await startTestServer()
      const ada = await people.person()
      const watch = await InjectionWatch.over(ada.page, url)
      const [first = '', second = '', third = '', fourth = ''] = injections
      for (const id of [first + fourth, second + third]) {
        await ada.open(`${url}/d/${encodeURIComponent(id)}`)
        expect(await watch.evidence()).toEqual(nothing)
      }
      for (const injection of injections) {
        await ada.page.evaluate((fragment) => {
          location.hash = fragment
        }, `token=${injection}&${injection}`)
      }
      await ada.page.waitForFunction(() => !location.hash.includes('token='))
      expect(await watch.evidence()).toEqual(nothing)
      await ada.page.goto(`${url}/d/.${encodeURIComponent(injections.join(''))}`)
      await ada.page.getByRole('heading', { name: 'There is no document' }).waitFor()
      expect(await watch.evidence()).toEqual(nothing)
    },
    MANY_MS,
  )
})

describe('a server that lies', () => {
  it('[E70] puts no more than text on the page', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    const watch = await InjectionWatch.over(ada.page, url)
    const said = injections.join(' ')
    let code = closeCodes['not-authenticated'].code
    await ada.page.routeWebSocket(/.*/, (socket) => {
      socket.onMessage(() => {
        const frame = encodeServerFrame(1, { type: 'closed', code, reason: said })
        socket.send(Buffer.from(frame))
      })
    })
    await ada.context.route('**/api/v1/session', (route) =>
      route.fulfill({ status: 401, json: { title: said, detail: said } }),
    )
    await ada.page.goto(`${url}/d/doc`)
    const field = ada.page.getByRole('textbox', { name: 'Invite link or access token' })
    await field.fill('abc')
    await field.press('Enter')
    await ada.page.getByRole('alert').getByText('<script>').waitFor()
    expect(await watch.evidence()).toEqual(nothing)
    code = closeCodes['protocol-error'].code
    await ada.page.reload()
    await ada.status.getByText('Not connected: <script>').first().waitFor()
    expect(await watch.evidence()).toEqual(nothing)
  })
})

describe('the watch', () => {
  it('[E70] sees each of them where somebody forgot', async () => {
    const { url } = await startTestServer()
    const policy = (await fetch(url)).headers.get('content-security-policy') ?? ''
    const html = `<!doctype html><title>x</title><body>${injections.join('\n')}`
    const ada = await people.person()
    const watch = await InjectionWatch.over(ada.page, url)
    await ada.page.goto(await startHostPage(html, ''), { waitUntil: 'commit' })
    await ada.page.waitForFunction(() => window.runs > 0)
    const open = await watch.evidence()
    expect(open.foreign.length).toBeGreaterThan(1)
    expect(open.requests.length).toBeGreaterThan(0)
    const ben = await people.person()
    const guarded = await InjectionWatch.over(ben.page, url)
    await ben.page.goto(await startHostPage(html, policy), { waitUntil: 'commit' })
    await ben.page.waitForFunction(() => window.stopped.length > 2)
    expect((await guarded.evidence()).runs).toBe(0)
    await ben.page.goto(`${url}/d/doc`)
    await ben.saved()
    const thrown = await ben.page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>forgotten</b>'
        return ''
      } catch (error) {
        return String(error)
      }
    })
    expect(thrown).toContain('TrustedHTML')
    expect((await guarded.evidence()).violations.join()).toContain('require-trusted-types-for')
  })

  it('[A85] a page of another site shows it in no frame, unless that is named', async () => {
    const { url } = await startTestServer()
    const html = `<!doctype html><title>x</title><iframe src="${url}/d/doc"></iframe>`
    const ada = await people.person()
    const host = await startHostPage(html, '')
    await ada.page.goto(host)
    await expect.poll(() => ada.errors.join()).toContain('frame-ancestors')
    const named = await startTestServer({ frameAncestors: new URL(host).origin })
    await ada.page.setContent(`<iframe src="${named.url}/d/doc"></iframe>`)
    await ada.page.frameLocator('iframe').locator('coscribe-editor').waitFor()
  })
})

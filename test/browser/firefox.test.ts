import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findings } from '../support/axe.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { launchFirefox } from '../support/firefox.js'
import { startHostPage } from '../support/host-page.js'
import { Network } from '../support/network.js'
import { storedDoc } from '../support/people.js'
import { scratch } from '../support/scratch.js'
import { canStopTabs, stopTab } from '../support/stopped-tab.js'
import { startTestServer } from '../support/test-server.js'
import { accessEnds, accessIsRenewedAndTaken } from './stories/access.js'
import { peopleAreFollowed } from './stories/following.js'
import { twoTabsOfOnePerson } from './stories/two-tabs.js'

const START_MS = 200_000
const PATH = '/d/one%20line'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ launch: launchFirefox })
}, START_MS)
afterEach(() => people.leave())
afterAll(() => people.stop())

async function twoAt(address: string): Promise<readonly [BrowserPerson, BrowserPerson]> {
  const ada = await people.person()
  await ada.open(address)
  const ben = await people.person()
  await ben.open(ada.page.url())
  return [ada, ben]
}

/** Pastes as the keyboard would, with a clipboard of the test's own. */
function paste({ page }: BrowserPerson, text: string): Promise<void> {
  return page.evaluate((pasted) => {
    const editor = document.querySelector('coscribe-editor')
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    const event = new ClipboardEvent('paste', { bubbles: true, cancelable: true })
    // Its constructor takes none.
    Object.defineProperty(event, 'clipboardData', { value: clipboardData })
    editor?.handle?.view.contentDOM.dispatchEvent(event)
  }, text)
}

describe('in Firefox', () => {
  it('[E150] two people write in one line at once, and it is on the disk as they see it', async () => {
    const folder = await scratch()
    onTestFinished(() => folder.remove())
    const network = await Network.open(folder.path)
    const [ada, ben] = await twoAt(network.url + PATH)
    await ada.write('-')
    await ben.reads('-')
    await Promise.all([ada.write('aaaaaaaaaa'), ben.write('bbbbbbbbbb')])
    await expect.poll(async () => (await ada.content()).length).toBe(21)
    const text = await ada.content()
    await ben.reads(text)
    await paste(ada, 'Zeile\n'.repeat(17_000))
    await expect.poll(async () => (await ben.content()).length).toBe(21 + 6 * 17_000)
    for (const person of [ada, ben]) await person.saved()
    expect(await ada.shown()).toBe(await ben.content())
    expect([...ada.errors, ...ben.errors]).toEqual([])
    await network.killServer()
    const stored = await storedDoc(folder.path, 'one line')
    expect(stored.getText('content').toString()).toBe(await ben.shown())
  })

  it('[E150] what was written while the server was dead is there after a reload, and is sent', async () => {
    const folder = await scratch()
    onTestFinished(() => folder.remove())
    const network = await Network.open(folder.path)
    const ada = await people.person()
    await ada.open(network.url + PATH)
    await ada.write('before, ')
    await ada.saved()
    await ada.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await network.killServer()
    await ada.write('without a server, ')
    await ada.page.locator('coscribe-status[data-save=local]').waitFor()
    await ada.page.reload()
    await ada.reads('before, without a server, ')
    await ada.write('after')
    await network.restartServer()
    await ada.saved()
    const ben = await people.person()
    await ben.open(network.url + PATH)
    await ben.reads('before, without a server, after')
  })

  it('[E150] the element works from one tag under a strict policy, and leaves no style element', async () => {
    const { url } = await startTestServer()
    const host = await startHostPage(
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title>
<script defer src="${url}/coscribe-editor.js"></script>
<main><coscribe-editor url="${url}" doc="minutes" user-name="Ada"></coscribe-editor></main>`,
      `default-src 'none'; script-src ${url}; connect-src ${url.replace('http', 'ws')}`,
    )
    const ada = await people.person()
    await ada.page.goto(host)
    await ada.text.waitFor()
    const ben = await people.person()
    await ben.open(`${url}/d/minutes`)
    await ben.write('to everybody')
    await ada.reads('to everybody')
    expect(await ada.page.evaluate(() => document.querySelectorAll('style').length)).toBe(0)
    // It asks a page for an icon that was never named, and tells its policy's answer.
    expect(ada.errors.filter((error) => !error.includes('favicon.ico'))).toEqual([])
  })

  it('[E165] people are one face each, are gone to, followed, and let go of', () =>
    peopleAreFollowed(people))

  it('[E165] keeps what was written when access ends, and sends it with the next', () =>
    accessEnds(people))

  it('[E165] access is renewed without a word while somebody writes, and taken and given back', () =>
    accessIsRenewedAndTaken(people))

  it('[E165] two tabs are in step without a server, and what one that is stopped has not sent the other sends', async ({
    skip,
  }) => {
    // Firefox tells no tab that it is put to sleep, and offers no way to put it.
    if (!canStopTabs) skip('the process of a tab is found by /proc, which is not here')
    await twoTabsOfOnePerson(people, { freeze: stopTab, isTold: false })
  })

  it('[E22] a composition goes on while others write before, inside and after its line', async () => {
    const { url } = await startTestServer()
    const [ada, ben] = await twoAt(url)
    await ada.write('before\nmy line\nafter')
    await ben.reads('before\nmy line\nafter')
    await ada.page.keyboard.press('ArrowUp')
    await ada.page.keyboard.press('End')
    await compose(ada, ['k', 'か'])
    await ben.page.evaluate(() => {
      const view = document.querySelector('coscribe-editor')?.handle?.view
      if (view === undefined) throw new Error('there is no editor')
      view.dispatch({ changes: { from: 0, insert: 'long ' } })
      view.dispatch({ changes: { from: view.state.doc.line(2).from, insert: 'in ' } })
      view.dispatch({ changes: { from: view.state.doc.length, insert: 'wards' } })
    })
    await expect.poll(() => ada.content()).toBe('long before\nin my lineか\nafterwards')
    // Whether held back or, after a while, shown beside it: what is being composed stays whole.
    expect(await ada.shown()).toContain('my lineか\n')
    await endComposition(ada, '書く')
    await ada.reads('long before\nin my line書く\nafterwards')
    await ben.reads('long before\nin my line書く\nafterwards')
    await ada.saved()
    expect([...ada.errors, ...ben.errors]).toEqual([])
  })

  it('[E38] axe finds nothing, light or dark', async () => {
    const { url } = await startTestServer()
    const [ada, ben] = await twoAt(url)
    await ben.write('Some text')
    await ada.reads('Some text')
    expect(await findings(ada)).toEqual([])
    await ada.page.evaluate(() => {
      document.documentElement.dataset['theme'] = 'dark'
    })
    expect(await findings(ada)).toEqual([])
  })
})

/**
 * The events and changes that Firefox makes for an input method, in its order. It offers no way to drive one, so its
 * own sequence, as it was recorded, is played.
 */
function compose({ page }: BrowserPerson, steps: readonly string[]): Promise<void> {
  return page.evaluate((texts) => {
    const view = document.querySelector('coscribe-editor')?.handle?.view
    if (view === undefined) throw new Error('there is no editor')
    const { contentDOM } = view
    const { node, offset } = view.domAtPos(view.state.selection.main.head)
    const text = node.nodeType === Node.TEXT_NODE ? node : node.childNodes[offset - 1]
    if (!(text instanceof Text)) throw new Error('there is no text')
    const before = text.data
    contentDOM.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true, data: '' }))
    for (const data of texts) {
      contentDOM.dispatchEvent(new CompositionEvent('compositionupdate', { bubbles: true, data }))
      text.data = before + data
      document.getSelection()?.collapse(text, text.data.length)
      contentDOM.dispatchEvent(
        new InputEvent('input', {
          bubbles: true,
          data,
          inputType: 'insertCompositionText',
          isComposing: true,
        }),
      )
    }
  }, steps)
}

/** Ends a composition with `text` in the place of what stood there. */
function endComposition({ page }: BrowserPerson, text: string): Promise<void> {
  return page.evaluate((chosen) => {
    const view = document.querySelector('coscribe-editor')?.handle?.view
    if (view === undefined) throw new Error('there is no editor')
    const { contentDOM } = view
    const walker = document.createTreeWalker(contentDOM, NodeFilter.SHOW_TEXT)
    let found: Text | null = null
    while (walker.nextNode() !== null) {
      const node = walker.currentNode as Text
      if (node.data.endsWith('か')) found = node
    }
    if (found === null) throw new Error('the composition is gone')
    found.data = found.data.slice(0, -1) + chosen
    document.getSelection()?.collapse(found, found.data.length)
    contentDOM.dispatchEvent(
      new InputEvent('input', {
        bubbles: true,
        data: chosen,
        inputType: 'insertCompositionText',
        isComposing: true,
      }),
    )
    contentDOM.dispatchEvent(
      new CompositionEvent('compositionend', { bubbles: true, data: chosen }),
    )
  }, text)
}

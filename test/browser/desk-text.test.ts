import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings } from '../support/axe.js'
import { BrowserPeople } from '../support/browser-people.js'
import { choose, drop, named, openFile, press, preview, put } from '../support/desk-hands.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { InjectionWatch, injections } from '../support/injections.js'
import { startTestServer } from '../support/test-server.js'
import { tokenFor } from '../support/tokens.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

const paragraphs = Array.from({ length: 120 }, (_, n) => `Paragraph ${n} with some words.\n`).join(
  '\n',
)

describe('the language of a text', () => {
  it('[E130] is chosen, highlighted and remembered, and follows the title until then', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await put(ada, 'const x = 1')
    const coloured = ada.page.locator('coscribe-editor .cm-line span[class]')
    expect(await coloured.count()).toBe(0)
    await ada.title.fill('notes.js')
    await coloured.first().waitFor()
    await choose(ada, 'text')
    await expect.poll(() => coloured.count()).toBe(0)
    await choose(ada, 'typescript')
    await coloured.first().waitFor()
    await ada.saved()
    await ada.page.reload()
    await coloured.first().waitFor()
    expect(await ada.page.getByLabel('Language of the text').inputValue()).toBe('typescript')
    await choose(ada, 'markdown')
    // Until the language is loaded a line ends as it does in any text.
    const listed = async (): Promise<string> => {
      await ada.text.focus()
      await ada.page.keyboard.press('ControlOrMeta+a')
      await put(ada, '- tea')
      await ada.page.keyboard.press('Enter')
      return ada.shown()
    }
    await expect.poll(listed).toBe('- tea\n- ')
    expect(ada.errors).toEqual([])
  })
})

describe('the preview', () => {
  it('[E131, E133, E134] shows the text as it is written, scrolls with it, and has the room that it is given', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await put(ada, `# Minutes\n\n${paragraphs}`)
    await ada.page.keyboard.press('ControlOrMeta+Shift+M')
    await expect.poll(() => preview(ada)).toContain('Paragraph 119')
    const ben = await people.person()
    await ben.open(ada.page.url())
    await ben.text.focus()
    await ben.page.keyboard.press('ControlOrMeta+Home')
    await ben.page.keyboard.type('**bold** ')
    await expect.poll(() => preview(ada)).toContain('**bold** # Minutes'.replaceAll('**', ''))
    const scroller = ada.page.locator('coscribe-preview [part=scroller]')
    const main = ada.page.locator('main')
    const top = (place: typeof main): Promise<number> => place.evaluate((at) => at.scrollTop)
    await main.evaluate((at) => (at.scrollTop = at.scrollHeight))
    await expect.poll(() => top(scroller)).toBeGreaterThan(1_000)
    const before = await top(main)
    await scroller.evaluate((at) => (at.scrollTop = 0))
    await expect.poll(() => top(main)).toBeLessThan(before / 4)
    // They come to rest, where neither moves the other.
    const tops = async (): Promise<string> => `${await top(main)} ${await top(scroller)}`
    const moves = async (): Promise<boolean> => {
      const then = await tops()
      await ada.page.evaluate(() => new Promise((done) => setTimeout(done, 100)))
      return (await tops()) !== then
    }
    await expect.poll(moves).toBe(false)
    const divider = named(ada, 'separator', 'Width of the panel')
    await divider.focus()
    const share = async (): Promise<number> => Number(await divider.getAttribute('aria-valuenow'))
    const first = await share()
    await ada.page.keyboard.press('ArrowLeft')
    await expect.poll(share).toBe(first + 5)
    const box = await divider.boundingBox()
    await ada.page.mouse.move((box?.x ?? 0) + 2, 300)
    await ada.page.mouse.down()
    await ada.page.mouse.move(700, 300, { steps: 3 })
    await ada.page.mouse.up()
    await expect.poll(share).toBeLessThan(first)
    await named(ada, 'button', 'Close').click()
    await expect.poll(() => ada.page.locator('coscribe-preview').count()).toBe(0)
    expect(ada.errors).toEqual([])
  })

  it('[E131] says where it ends', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await ada.page.evaluate(() => {
      const insert = 'word '.repeat(20).concat('\n\n').repeat(2_000)
      document
        .querySelector('coscribe-editor')
        ?.handle?.view.dispatch({ changes: { from: 0, insert } })
    })
    await press(ada, 'Show preview')
    await ada.page.getByText(/The preview ends here: it shows the first \d+ lines/).waitFor()
  })

  it('[E132] runs nothing, asks nobody, and gives the policy nothing to stop', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    const watch = await InjectionWatch.over(ada.page, url)
    await ada.open(url)
    const wrapped = injections.flatMap((text) => [text, `[link](${text})`, `![picture](${text})`])
    await put(ada, [...wrapped, '[out](https://127.0.0.1:9/out)', 'The end.'].join('\n\n'))
    await press(ada, 'Show preview')
    await expect.poll(() => preview(ada)).toContain('The end.')
    const evidence = await watch.evidence()
    expect(
      evidence.foreign.filter(
        (html) => !/^<(?:iframe sandbox="allow-same-|link rel="modulepreload)/.test(html),
      ),
    ).toEqual([])
    expect({ ...evidence, foreign: [] }).toEqual({
      runs: 0,
      violations: [],
      foreign: [],
      requests: [],
    })
    const frame = ada.page.locator('coscribe-preview iframe')
    expect(await frame.getAttribute('sandbox')).not.toContain('allow-scripts')
    const inFrame = await frame.evaluate((element: HTMLIFrameElement) => {
      const page = element.contentDocument
      const strange =
        'script, style, iframe, form, svg, math, link, [onerror], [onload], [style], [id], [name], [class]'
      return [
        page?.body.querySelectorAll(strange).length,
        [...(page?.links ?? [])].filter(
          ({ rel, target }) => !rel.includes('noopener') || target !== '_blank',
        ).length,
      ]
    })
    expect(inFrame).toEqual([0, 0])
    // What got past all that would still not run, and not ask: the frame has a policy of its own.
    const stopped = await frame.evaluate((element: HTMLIFrameElement) => {
      const page = element.contentDocument
      const picture = page?.body.appendChild(page.createElement('img'))
      const tries = [
        () => picture?.setAttribute('onerror', 'parent.injected()'),
        () => page?.body.insertAdjacentHTML('beforeend', '<img src=x onerror=parent.injected()>'),
      ]
      if (picture !== undefined) picture.src = 'http://127.0.0.1:9/x.png'
      return tries.map((attempt) => {
        try {
          attempt()
          return 'done'
        } catch (error) {
          return (error as Error).name
        }
      })
    })
    expect(stopped).toEqual(['TypeError', 'TypeError'])
    await expect.poll(async () => ada.errors.join()).toContain('img-src data:')
    expect((await watch.evidence()).runs).toBe(0)
  })
})

describe('finding', () => {
  it('[E135] counts, goes from match to match, and replaces all as one step of undo', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await put(ada, 'One fish, two fish.\nRed Fish, blue fish.')
    const ben = await people.person()
    await ben.open(ada.page.url())
    await ben.reads('One fish, two fish.\nRed Fish, blue fish.')
    await ada.page.keyboard.press('ControlOrMeta+f')
    const field = named(ada, 'textbox', 'Find')
    await field.fill('fish')
    const panel = ada.page.getByRole('search', { name: 'Find and replace' })
    await panel.getByText('4 matches').waitFor()
    await ada.page.keyboard.press('Enter')
    await panel.getByText('1 of 4').waitFor()
    await ada.page.keyboard.press('Shift+Enter')
    await panel.getByText('4 of 4').waitFor()
    await named(ada, 'button', 'Match case').click()
    await panel.getByText('3 of 3').waitFor()
    await named(ada, 'button', 'Regular expression').click()
    await field.fill('(')
    await panel.getByText('Not a regular expression').waitFor()
    await field.fill('(f)ish')
    expect(await findings(ada)).toEqual([])
    await named(ada, 'textbox', 'Replace with').fill('$1lock')
    await ada.page.keyboard.press('ControlOrMeta+Enter')
    await ben.reads('One flock, two flock.\nRed Fish, blue flock.')
    await ben.write('!')
    await ada.reads('One flock, two flock.\nRed Fish, blue flock.!')
    await ada.page.keyboard.press('Escape')
    await ada.page.keyboard.press('ControlOrMeta+z')
    await ben.reads('One fish, two fish.\nRed Fish, blue fish.!')
    expect(ada.errors).toEqual([])
  })

  it('[E135, E137] is all that somebody can do who may only read', async () => {
    const { url } = await startGuardedServer()
    const author = await people.person()
    await author.open(`${url}/d/doc#token=${await tokenFor('ada', { doc: 'write' })}`)
    await author.write('to be read')
    await author.saved()
    const ben = await people.person()
    await ben.open(`${url}/d/doc#token=${await tokenFor('ben', { doc: 'read' })}`)
    await ben.reads('to be read')
    await ben.text.focus()
    await ben.page.keyboard.press('ControlOrMeta+f')
    await named(ben, 'textbox', 'Find').fill('read')
    await ben.page.getByText('1 match', { exact: true }).waitFor()
    expect(await named(ben, 'textbox', 'Replace with').isVisible()).toBe(false)
    await openFile(ben, 'a.txt', 'mine')
    const refusal = ben.page.getByRole('alertdialog', { name: 'a.txt was not opened' })
    await refusal.getByText('You may read this document, and not write in it.').waitFor()
    expect(await findings(ben)).toEqual([])
    await ben.page.keyboard.press('Escape')
    await drop(ben, [['b.txt', 'mine']])
    await named(ben, 'alertdialog', 'b.txt was not opened').waitFor()
    expect(await ben.content()).toBe('to be read')
  })

  it('[E135] works in 5 MB', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    const line = 'The quick brown fox jumps over the lazy dog, again and again and again.\n'
    await ada.page.evaluate((text) => {
      const view = document.querySelector('coscribe-editor')?.handle?.view
      view?.dispatch({ changes: { from: 0, insert: text.repeat(70_000) } })
      view?.dispatch({ changes: { from: 0, insert: 'needle ' }, userEvent: 'input.type' })
    }, line)
    await ada.text.focus()
    await ada.page.keyboard.press('ControlOrMeta+f')
    await named(ada, 'textbox', 'Find').fill('fox')
    await ada.page.getByText('1000+ matches').waitFor()
    await named(ada, 'textbox', 'Find').fill('needle')
    await ada.page.getByText('1 match', { exact: true }).waitFor()
    await named(ada, 'textbox', 'Replace with').fill('pin')
    await named(ada, 'button', 'Replace all').click()
    await expect.poll(async () => (await ada.content()).startsWith('pin The')).toBe(true)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import * as Y from 'yjs'
import { findings } from '../support/axe.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { InjectionWatch, injections } from '../support/injections.js'
import { startPageServer } from '../support/page-versions.js'
import { RestartableServer } from '../support/restartable-server.js'
import { startTestServer } from '../support/test-server.js'
import { tokenFor } from '../support/tokens.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

type Role = Parameters<BrowserPerson['page']['getByRole']>[0]

/** Presses something in the document menu. */
async function press({ page }: BrowserPerson, item: string): Promise<void> {
  await page.getByRole('button', { name: 'Document menu' }).click()
  await page.locator('#desk-menu').getByRole('button', { name: item, exact: true }).click()
}

async function choose(ada: BrowserPerson, language: string): Promise<void> {
  await ada.page.getByRole('button', { name: 'Document menu' }).click()
  await ada.page.getByLabel('Language of the text').selectOption(language)
  await ada.page.keyboard.press('Escape')
}

function named(
  { page }: BrowserPerson,
  role: Role,
  name: string,
): ReturnType<typeof page.getByRole> {
  return page.getByRole(role, { name, exact: true })
}

/** Puts a text in at the caret at once, as a keyboard on a phone does. */
async function put(ada: BrowserPerson, text: string): Promise<void> {
  await ada.text.focus()
  await ada.page.keyboard.insertText(text)
}

/** What the preview's frame shows, once it shows something. */
async function preview({ page }: BrowserPerson): Promise<string> {
  return (await page.frameLocator('coscribe-preview iframe').locator('body').innerText()).trim()
}

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
    await ada.text.focus()
    await ada.page.keyboard.press('ControlOrMeta+a')
    await put(ada, '- tea')
    await ada.page.keyboard.press('Enter')
    await ada.reads('- tea\n- ')
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
    // At rest neither moves the other.
    const rest = [await top(main), await top(scroller)]
    await ada.page.evaluate(() => new Promise((done) => setTimeout(done, 100)))
    expect([await top(main), await top(scroller)]).toEqual(rest)
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

/** Chooses a file as somebody does in the system's dialog. */
async function openFile(
  ada: BrowserPerson,
  name: string,
  content: string | Uint8Array,
): Promise<void> {
  const [chooser] = await Promise.all([
    ada.page.waitForEvent('filechooser'),
    press(ada, 'Open a file…'),
  ])
  await chooser.setFiles({ name, mimeType: '', buffer: Buffer.from(content) })
}

/** Drops files on the page. */
async function drop(
  ada: BrowserPerson,
  files: readonly (readonly [string, string])[],
): Promise<void> {
  await ada.page.evaluate((dropped) => {
    const dataTransfer = new DataTransfer()
    for (const [name, content] of dropped) dataTransfer.items.add(new File([content], name))
    const target =
      document.querySelector('coscribe-editor')?.handle?.view.contentDOM ?? document.body
    for (const type of ['dragenter', 'dragover', 'drop']) {
      const init = { dataTransfer, bubbles: true, cancelable: true, composed: true }
      target.dispatchEvent(new DragEvent(type, init))
    }
  }, files)
}

async function download(ada: BrowserPerson, item: string): Promise<[string, Buffer]> {
  const [file] = await Promise.all([ada.page.waitForEvent('download'), press(ada, item)])
  return [file.suggestedFilename(), readFileSync(await file.path())]
}

describe('files', () => {
  it('[E136, E137] come and go as they are', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await ada.title.fill('My: notes')
    await openFile(ada, 'notes.txt', '\ufeffone\r\ntwo\r\n')
    await ada.reads('one\ntwo\n')
    await ada.page.locator('#spoken').getByText('notes.txt was inserted.').waitFor()
    expect(await download(ada, 'Download as text')).toEqual([
      'My- notes.txt',
      Buffer.from('one\r\ntwo\r\n'),
    ])
    expect((await download(ada, 'Download as Markdown'))[0]).toBe('My- notes.md')
    const [name, update] = await download(ada, 'Download as Yjs update')
    const doc = new Y.Doc()
    Y.applyUpdate(doc, new Uint8Array(update))
    expect([name, doc.getText('content').toString()]).toEqual(['My- notes.yjs', 'one\ntwo\n'])
    await ada.text.focus()
    await ada.page.keyboard.press('ControlOrMeta+Home')
    await drop(ada, [['more.md', 'zero\n']])
    await ada.reads('zero\none\ntwo\n')
    await ada.page.keyboard.press('ControlOrMeta+z')
    await ada.reads('one\ntwo\n')
    expect(ada.errors).toEqual([])
  })

  it('[E137, E138] are refused with the reason, and the text stays', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await ada.write('mine')
    const bad: readonly [string, Uint8Array, RegExp][] = [
      ['picture.txt', new Uint8Array([0x89, 0x50, 0x4e, 0x47]), /not a text in UTF-8/],
      ['program.md', new Uint8Array([0x41, 0, 0x42]), /characters in it that no text has/],
      ['empty.txt', new Uint8Array(), /It is empty/],
      ['bomb.yjs', new Uint8Array([1, 0x80, 0x80, 0x80, 0x10, 1, 0]), /not a whole Yjs document/],
    ]
    for (const [name, content, reason] of bad) {
      await openFile(ada, name, content)
      await named(ada, 'alertdialog', `${name} was not opened`).getByText(reason).waitFor()
      await ada.page.keyboard.press('Enter')
    }
    await drop(ada, [
      ['a.txt', 'a'],
      ['b.txt', 'b'],
    ])
    await named(ada, 'alertdialog', 'a.txt was not opened')
      .getByText('one file at a time')
      .waitFor()
    await ada.page.keyboard.press('Escape')
    expect(await ada.content()).toBe('mine')
  })

  it('[E138] a Yjs update is merged when somebody says so', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await ada.write('mine')
    const doc = new Y.Doc()
    doc.getText('content').insert(0, 'theirs')
    const update = Y.encodeStateAsUpdate(doc)
    await openFile(ada, 'theirs.yjs', update)
    const question = named(ada, 'dialog', 'Merge a file into this document?')
    await question.getByText('theirs.yjs holds a document with a text of 6 characters').waitFor()
    expect(await findings(ada)).toEqual([])
    // The focus is on the button that does nothing.
    await ada.page.keyboard.press('Enter')
    expect(await ada.content()).toBe('mine')
    await openFile(ada, 'theirs.yjs', update)
    await named(ada, 'button', 'Merge').click()
    await expect.poll(async () => (await ada.content()).length).toBe(10)
    await ada.saved()
    const ben = await people.person()
    await ben.open(ada.page.url())
    await ben.reads(await ada.content())
  })
})

describe('settings', () => {
  it('[E139] take effect at once and stay on this device; Vim undoes what its user wrote', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await ada.write('one two')
    const ben = await people.person()
    await ben.open(ada.page.url())
    await ben.write(' three')
    await ada.reads('one two three')
    await press(ada, 'Settings…')
    await ada.page.getByLabel('Theme', { exact: true }).selectOption('dark')
    await ada.page.getByLabel('Line numbers').check()
    await ada.page.getByLabel('Break long lines').uncheck()
    await ada.page.getByLabel('Size of the text').selectOption('larger')
    await ada.page.getByLabel('Keys').selectOption('vim')
    expect(await findings(ada)).toEqual([])
    await ada.page.getByLabel('Language of this page').selectOption('de')
    await named(ada, 'heading', 'Einstellungen').waitFor()
    await ada.page.getByLabel('Sprache dieser Seite').selectOption('en')
    await named(ada, 'heading', 'Settings').waitFor()
    await ada.page.keyboard.press('Escape')
    const looks = (): Promise<readonly string[]> =>
      ada.page.evaluate(() => {
        const view = document.querySelector('coscribe-editor')?.handle?.view
        const { fontSize, whiteSpace } = getComputedStyle(view?.contentDOM ?? document.body)
        const numbers = String(view?.dom.querySelectorAll('.cm-lineNumbers').length)
        return [document.documentElement.dataset['theme'] ?? '', numbers, fontSize, whiteSpace]
      })
    await expect.poll(looks).toEqual(['dark', '1', '24px', 'pre'])
    await ada.page.locator('coscribe-editor .cm-vim-panel').waitFor()
    await ada.page.reload()
    await ada.reads('one two three')
    await expect.poll(looks).toEqual(['dark', '1', '24px', 'pre'])
    await ada.page.locator('coscribe-editor .cm-vim-panel').waitFor()
    await ada.text.focus()
    await ada.page.keyboard.type('ggdw')
    await ben.reads('two three')
    await ben.write('!')
    await ada.reads('two three!')
    await ada.page.keyboard.type('u')
    await ben.reads('one two three!')
    expect(ada.errors).toEqual([])
  })

  it('[E139] Emacs undoes what its user wrote', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    await press(ada, 'Settings…')
    await ada.page.getByLabel('Keys').selectOption('emacs')
    await ada.page.keyboard.press('Escape')
    await ada.page.locator('coscribe-editor .cm-emacsMode').waitFor()
    await ada.write('one two')
    // The start of the line, and not all of the text.
    await ada.page.keyboard.press('Control+a')
    await ada.page.keyboard.press('Control+k')
    await ada.reads('')
    await ada.page.keyboard.press('Control+/')
    await ada.reads('one two')
  })

  it('[E144] a part that cannot be loaded is told of, and the text is as it was', async () => {
    const { url } = await startTestServer()
    const ada = await people.person({ context: { serviceWorkers: 'block' } })
    await ada.page.route('**/assets/vim-*', (route) => route.abort())
    await ada.open(url)
    await ada.write('still here')
    await press(ada, 'Settings…')
    await ada.page.getByLabel('Keys').selectOption('vim')
    await ada.page.getByText('This could not be loaded.').waitFor()
    await ada.page.keyboard.press('Escape')
    await ada.page.keyboard.press('Escape')
    await ada.write('!')
    await ada.reads('still here!')
  })
})

describe('keys', () => {
  it('[E140] help is a key away', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    const help = named(ada, 'dialog', 'Keyboard')
    await ada.text.focus()
    for (const key of ['F1', 'Control+/']) {
      await ada.page.keyboard.press(key)
      await help.waitFor()
      await ada.page.keyboard.press('Escape')
      await help.waitFor({ state: 'hidden' })
    }
    await ada.page.keyboard.type('?')
    await ada.reads('?')
    await ada.page.locator('#share').focus()
    await ada.page.keyboard.type('?')
    await help.waitFor()
    for (const words of ['Find and replace', 'Show or hide the preview', 'Switch what Tab does']) {
      await help.getByText(words).waitFor()
    }
  })

  it.each(['light', 'dark'] as const)(
    '[E145] everything is done by keyboard, and axe finds nothing: %s',
    async (colorScheme) => {
      const { url } = await startTestServer()
      const ada = await people.person({ context: { colorScheme } })
      await ada.open(url)
      await put(ada, '# Hello\n\nSome `code` and a [link](https://example.org).')
      const { keyboard } = ada.page
      await ada.page.locator('#help').focus()
      await keyboard.press('Tab')
      await keyboard.press('Enter')
      await ada.page.locator('#find:focus').waitFor()
      expect(await findings(ada)).toEqual([])
      await keyboard.press('ArrowDown')
      await keyboard.press('ArrowDown')
      await ada.page.locator('#language:focus').waitFor()
      await keyboard.press('m')
      await expect.poll(() => ada.page.locator('#language').inputValue()).toBe('markdown')
      await keyboard.press('Escape')
      await ada.page.locator('#desk-button:focus').waitFor()
      await keyboard.press('Enter')
      await keyboard.press('ArrowDown')
      await keyboard.press('Enter')
      await expect.poll(() => preview(ada)).toContain('Hello')
      await ada.page.locator('coscribe-editor .cm-line span[class]').first().waitFor()
      expect(await findings(ada)).toEqual([])
      await keyboard.press('ControlOrMeta+f')
      await named(ada, 'textbox', 'Find').waitFor()
      expect(await findings(ada)).toEqual([])
      await keyboard.press('Escape')
      await ada.page.locator('#desk-button').focus()
      await keyboard.press('Enter')
      await keyboard.press('ArrowUp')
      await keyboard.press('ArrowUp')
      await keyboard.press('Enter')
      await named(ada, 'dialog', 'Settings').waitFor()
      expect(await findings(ada)).toEqual([])
    },
  )
})

describe('on a phone', () => {
  it('[E141, E134] tools stand above the keyboard, and nothing is wider than 320 px', async () => {
    const { url } = await startTestServer()
    const ada = await people.person({
      context: { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true },
      before: [
        () => {
          const keyboard = Object.assign(new EventTarget(), { height: 568, offsetTop: 0 })
          Object.defineProperty(window, 'visualViewport', { value: keyboard, configurable: true })
        },
      ],
    })
    await ada.open(url)
    const widest = (): Promise<number> =>
      ada.page.evaluate(() => document.documentElement.scrollWidth)
    const bar = ada.page.getByRole('toolbar', { name: 'Writing' })
    await put(ada, `# Hello\n\n${paragraphs}`)
    expect(await widest()).toBeLessThanOrEqual(320)
    await ada.page.evaluate(() => {
      const { visualViewport } = window
      Object.assign(visualViewport ?? {}, { height: 300 })
      visualViewport?.dispatchEvent(new Event('resize'))
    })
    await expect
      .poll(async () => {
        const { y = 0, height = 0 } = (await ada.page.locator('.bar').boundingBox()) ?? {}
        return Math.round(y + height)
      })
      .toBe(300)
    await bar.getByRole('button', { name: 'Undo' }).tap()
    await ada.reads('')
    await bar.getByRole('button', { name: 'Redo' }).tap()
    await ada.reads(`# Hello\n\n${paragraphs}`)
    const size = await ada.text.evaluate((text) => parseFloat(getComputedStyle(text).fontSize))
    expect(size).toBeGreaterThanOrEqual(16)
    await bar.getByRole('button', { name: 'Find and replace' }).tap()
    await named(ada, 'textbox', 'Find').waitFor()
    expect(await widest()).toBeLessThanOrEqual(320)
    expect(await findings(ada)).toEqual([])
    await ada.page.keyboard.press('Escape')
    await press(ada, 'Show preview')
    await expect.poll(() => preview(ada)).toContain('Hello')
    expect(await ada.text.isVisible()).toBe(false)
    expect(await widest()).toBeLessThanOrEqual(320)
    expect(await findings(ada)).toEqual([])
    await named(ada, 'button', 'Close').tap()
    for (const [item, dialog] of [
      ['Settings…', 'Settings'],
      ['Keyboard and help', 'Keyboard'],
    ] as const) {
      await press(ada, item)
      await named(ada, 'dialog', dialog).waitFor()
      expect(await widest()).toBeLessThanOrEqual(320)
      await ada.page.keyboard.press('Escape')
    }
    expect(ada.errors).toEqual([])
  })
})

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
      const registration = await navigator.serviceWorker.getRegistration()
      return registration?.active?.state === 'activated' && registration.installing === null
    })
    const still = await ada.page.evaluate(
      async (paths) => Promise.all(paths.map(async (path) => (await fetch(path)).status)),
      [first, used],
    )
    expect(still).toEqual([200, 200])
    await server.stop()
    await ada.page.reload()
    await ada.page.locator('document-page').waitFor()
    expect(await entry()).not.toBe(first)
    expect(ada.errors.filter((error) => !error.includes('WebSocket'))).toEqual([])
  })
})

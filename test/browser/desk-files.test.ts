import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { findings } from '../support/axe.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { drop, named, openFile, press } from '../support/desk-hands.js'
import { startTestServer } from '../support/test-server.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

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
      // What would turn the sentence around is not shown.
      ['a\u202egpj.exe', new Uint8Array([0x41, 0, 0x42]), /characters in it/],
      ['bomb.yjs', new Uint8Array([1, 0x80, 0x80, 0x80, 0x10, 1, 0]), /not a whole Yjs document/],
    ]
    for (const [name, content, reason] of bad) {
      await openFile(ada, name, content)
      const shown = name.replace('\u202e', '')
      await named(ada, 'alertdialog', `${shown} was not opened`).getByText(reason).waitFor()
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

  it.each([
    ['with its button', '#desk-note button'],
    // Which closes it, and says so later.
    ['with Escape', ''],
  ])(
    '[E137, E138] a refusal is told that comes as soon as the last one was read %s',
    async (_name, button) => {
      const { url } = await startTestServer()
      const ada = await people.person()
      await ada.open(url)
      await openFile(ada, 'first.txt', new Uint8Array())
      await named(ada, 'alertdialog', 'first.txt was not opened').waitFor()
      // Before the browser tells that the dialog was closed, which it does in a task of its own.
      await ada.page.evaluate(async (pressed) => {
        const dialog = document.querySelector<HTMLDialogElement>('#desk-note')
        const closed = new Promise((resolve) => {
          dialog?.addEventListener('close', resolve, { once: true })
        })
        if (pressed === '') dialog?.close()
        else document.querySelector<HTMLElement>(pressed)?.click()
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
        const dataTransfer = new DataTransfer()
        for (const name of ['a.txt', 'b.txt']) dataTransfer.items.add(new File(['x'], name))
        const init = { dataTransfer, bubbles: true, cancelable: true }
        document.body.dispatchEvent(new DragEvent('drop', init))
        await closed
        await new Promise(requestAnimationFrame)
      }, button)
      expect(await named(ada, 'alertdialog', 'a.txt was not opened').isVisible()).toBe(true)
    },
  )

  it('[E137] the sign to drop goes with the files, whatever was taken away under them', async () => {
    const { url } = await startTestServer()
    const ada = await people.person()
    await ada.open(url)
    const hold = (type: string): Promise<void> =>
      ada.page.evaluate((name) => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File(['x'], 'a.txt'))
        const place = document.querySelector('main') ?? document.body
        const gone = place.appendChild(document.createElement('i'))
        for (const target of name === 'dragover' ? [place, gone] : [place]) {
          for (const one of name === 'dragover' ? ['dragenter', name] : [name])
            target.dispatchEvent(new DragEvent(one, { dataTransfer, bubbles: true }))
        }
        gone.remove()
      }, type)
    const sign = ada.page.getByText('Drop a file to open it')
    await hold('dragover')
    await sign.waitFor()
    await hold('dragleave')
    await sign.waitFor({ state: 'detached' })

    // Over the window's edge they may come into the preview's frame, where the page hears nothing of them.
    await press(ada, 'Show preview')
    await ada.page.frameLocator('coscribe-preview iframe').locator('html').waitFor()
    const inFrame = (type: string): Promise<boolean | undefined> =>
      ada.page.evaluate((name) => {
        const frame = document
          .querySelector('coscribe-preview')
          ?.shadowRoot?.querySelector('iframe')
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File(['dropped'], 'a.txt'))
        const init = { dataTransfer, bubbles: true, cancelable: true }
        const event = new DragEvent(name, init)
        frame?.contentDocument?.body.dispatchEvent(event)
        return event.defaultPrevented
      }, type)
    await expect.poll(() => inFrame('dragover')).toBe(true)
    await sign.waitFor()
    expect(await inFrame('drop')).toBe(true)
    await ada.reads('dropped')
  })

  it('[E111, E137, E138] are not put in, nor said to be, where the document would be too large', async () => {
    const { url } = await startTestServer({ messageBytes: 500_000, documentBytes: 1_000_000 })
    const ada = await people.person()
    await ada.open(url)
    await ada.write('mine')
    await ada.saved()
    await openFile(ada, 'big.txt', 'x'.repeat(1_100_000))
    await ada.page.getByText('Not inserted: it has 1.1 MB').waitFor()
    expect(await ada.page.locator('#spoken').textContent()).toBe('')
    const doc = new Y.Doc()
    doc.getText('content').insert(0, 'y'.repeat(1_100_000))
    await openFile(ada, 'big.yjs', Y.encodeStateAsUpdate(doc))
    const refusal = named(ada, 'alertdialog', 'big.yjs was not opened')
    await refusal.getByText('Not inserted: it has 1.1 MB').waitFor()
    await ada.page.keyboard.press('Escape')
    expect(await ada.content()).toBe('mine')
    // What it has already may come again, however large.
    const same = new Y.Doc()
    same.getText('content').insert(0, 'z'.repeat(600_000))
    const update = Y.encodeStateAsUpdate(same)
    for (const length of [600_004, 600_004]) {
      await openFile(ada, 'same.yjs', update)
      await named(ada, 'button', 'Merge').click()
      await expect.poll(async () => (await ada.content()).length).toBe(length)
    }
    await ada.saved()
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
    const other = await people.tab(ada)
    await other.open(ada.page.url())
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
    // Another tab of the same browser goes along, and its choices take nothing of these back.
    await other.page.locator('coscribe-editor .cm-lineNumbers').waitFor()
    await expect
      .poll(() => other.page.evaluate(() => document.documentElement.dataset['theme']))
      .toBe('dark')
    await press(other, 'Settings…')
    await other.page.getByLabel('Width of a tab').selectOption('2')
    await expect.poll(() => ada.page.getByLabel('Width of a tab').inputValue()).toBe('2')
    expect(await ada.page.getByLabel('Line numbers').isChecked()).toBe(true)
    expect(await ada.page.getByLabel('Keys').inputValue()).toBe('vim')
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
    const note = ada.page.getByText('Not loaded: the keys of Vim')
    await note.waitFor()
    await ada.page.keyboard.press('Escape')
    // It is told once, and not again with every other setting.
    await ada.page.getByLabel('Line numbers').check()
    await ada.page.getByLabel('Keys').selectOption('emacs')
    await ada.page.locator('coscribe-editor .cm-emacsMode').waitFor()
    expect(await note.isVisible()).toBe(false)
    await ada.page.keyboard.press('Escape')
    await ada.write('!')
    await ada.reads('still here!')
  })
})

import type { CoscribeEditor, CoscribeEvents } from '@coscribe/client/editor'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings } from '../support/axe.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startHostPage } from '../support/host-page.js'
import { startTestServer } from '../support/test-server.js'

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** What a strict page allows: the server's script, and connections to it. */
function strictPolicy(server: string): string {
  return `default-src 'none'; script-src ${server}; connect-src ${server.replace('http', 'ws')}; require-trusted-types-for 'script'; trusted-types lit-html; form-action 'self'`
}

function pageWith(server: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title>
<script defer src="${server}/coscribe-editor.js"></script><main><h1>Host</h1>${body}</main>`
}

/** Opens a strict page of somebody else's, and notes what its policy stopped. */
async function visit(server: string, body: string): Promise<BrowserPerson> {
  const person = await people.person({ before: [noteViolations] })
  await person.page.goto(await startHostPage(pageWith(server, body), strictPolicy(server)))
  return person
}

function noteViolations(): void {
  window.violations = []
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.violatedDirective} ${event.blockedURI}`)
  })
}

/** Resolves when the element's document can be written in. */
async function ready({ page }: BrowserPerson, selector = 'coscribe-editor'): Promise<void> {
  await page.waitForFunction((query) => {
    const editor = document.querySelector<CoscribeEditor>(query)
    return editor?.matches(':defined') === true && editor.matches(':not(:state(loading))')
  }, selector)
}

function evaluateOn<Result>(
  { page }: BrowserPerson,
  run: (editor: CoscribeEditor) => Result,
): Promise<Awaited<Result>> {
  return page
    .locator('coscribe-editor')
    .first()
    .evaluate(run as never)
}

describe('<coscribe-editor> in a page of somebody else', () => {
  it('[E116] is a field of a form: name, value, rules, labels, and disabled with its fieldset', async () => {
    const { url } = await startTestServer()
    const ada = await visit(
      url,
      `<form><label for="body">Minutes</label><fieldset>
<coscribe-editor id="body" name="body" required minlength="5" maxlength="12" url="${url}" doc="form"
  offline-copy="off"><textarea name="body">fallback</textarea></coscribe-editor></fieldset></form>`,
    )
    await ready(ada)
    const inForm = () =>
      ada.page.evaluate(() => {
        const form = document.forms[0]
        const editor = document.querySelector<CoscribeEditor>('coscribe-editor')
        const { valueMissing, tooShort, tooLong, valid } = editor?.validity ?? {}
        return {
          sent: form === undefined ? null : [...new FormData(form).entries()],
          faults: { valueMissing, tooShort, tooLong, valid },
          message: editor?.validationMessage,
        }
      })
    expect(await inForm()).toMatchObject({
      sent: [['body', '']],
      faults: { valueMissing: true, valid: false },
    })
    const text = ada.page.getByRole('textbox', { name: 'Minutes' })
    // What a browser does with an invalid field: it goes there.
    await ada.page.evaluate(() => document.forms[0]?.reportValidity())
    await expect.poll(() => text.evaluate((element) => element.matches(':focus'))).toBe(true)
    await ada.page.keyboard.type('four')
    await expect.poll(inForm).toMatchObject({ faults: { tooShort: true } })
    await ada.page.keyboard.type(' and more than twelve')
    await expect.poll(inForm).toMatchObject({ faults: { tooLong: true } })
    for (let i = 0; i < 17; i++) await ada.page.keyboard.press('Backspace')
    await expect.poll(inForm).toEqual({
      sent: [['body', 'four and']],
      faults: { valueMissing: false, tooShort: false, tooLong: false, valid: true },
      message: '',
    })
    await ada.page.evaluate(() => document.forms[0]?.reset())
    expect(await ada.content()).toBe('four and')
    await ada.page.evaluate(() => document.querySelector('fieldset')?.setAttribute('disabled', ''))
    await expect.poll(() => ada.page.locator('[contenteditable=true]').count()).toBe(0)
    expect(await inForm()).toMatchObject({ sent: [] })
    expect(await ada.page.evaluate(() => window.violations)).toEqual([])
    expect(ada.errors).toEqual([])
  })

  it('[E117] shows what the page has for it until the text is here, and nothing of it afterwards', async () => {
    const server = await startTestServer()
    const { url } = server
    const ada = await visit(
      url,
      `<coscribe-editor url="${url}" offline-copy="off" features="toolbar status">
<textarea name="fallback">Draft</textarea><b slot="empty">Nobody wrote yet</b>
<button slot="toolbar-start" type="button">Bold</button><i slot="toolbar-end">end</i></coscribe-editor>`,
    )
    const { page } = ada
    await page.waitForFunction(() => customElements.get('coscribe-editor') !== undefined)
    // Without a document there is the page's own field, and it can be written in.
    await page.locator('textarea').fill('Draft, longer')
    expect(await page.getByText('Nobody wrote yet').isVisible()).toBe(false)
    await evaluateOn(ada, (editor) => editor.setAttribute('doc', 'slots'))
    await ready(ada)
    await page.getByText('Nobody wrote yet').waitFor()
    expect(await page.locator('textarea').isVisible()).toBe(false)
    expect(await page.locator('textarea').isDisabled()).toBe(true)
    await ada.write('a')
    await page.getByText('Nobody wrote yet').waitFor({ state: 'hidden' })
    expect(await page.getByRole('button', { name: 'Bold' }).isVisible()).toBe(true)
    await page.locator('coscribe-status[data-save=saved]').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await ada.reads('')
    await page.getByRole('button', { name: 'Redo' }).click()
    await ada.reads('a')
    expect(await findings(ada)).toEqual([])
    await evaluateOn(ada, (editor) => editor.setAttribute('doc', 'no\u0000document'))
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('cannot be opened')
    expect(await page.evaluate(() => window.violations)).toEqual([])
  })

  it('[E118] says its state to style sheets and listeners, and takes changes without connecting again', async () => {
    const server = await startTestServer()
    const { url } = server
    const ada = await visit(url, '')
    const { page } = ada
    await page.waitForFunction(() => customElements.get('coscribe-editor') !== undefined)
    // Set before the element is one: properties count then too.
    await page.evaluate(async (address) => {
      window.told = []
      const names = ['ready', 'save', 'access', 'change', 'selection', 'presence', 'undo'] as const
      for (const name of names) {
        const type = `coscribe-${name}` satisfies keyof CoscribeEvents
        document.addEventListener(type, (event) => {
          const { composed, bubbles } = event
          window.told.push(`${name} ${composed && bubbles}`)
        })
      }
      const holder = document.querySelector('main')?.appendChild(document.createElement('section'))
      const outer = holder?.attachShadow({ mode: 'open' })
      const inner = outer?.appendChild(document.createElement('div')).attachShadow({ mode: 'open' })
      const editor = document.createElement('coscribe-editor')
      Object.assign(editor, { url: address, doc: 'states', user: { name: 'Ada' } })
      inner?.append(editor)
      window.kept = editor
    }, url)
    const states = () =>
      page.evaluate(() =>
        ['connected', 'saving', 'offline', 'unsaved', 'readonly', 'loading'].filter((name) =>
          (window.kept as Element).matches(`:state(${name})`),
        ),
      )
    await expect.poll(states).toEqual(['connected'])
    await ada.write('nested')
    await expect
      .poll(() => page.evaluate(() => (window.kept as CoscribeEditor).room?.status.save))
      .toBe('saved')
    for (const name of ['ready', 'save', 'access', 'change', 'selection', 'undo'])
      await expect.poll(() => page.evaluate(() => window.told)).toContain(`${name} true`)
    const look = await page.evaluate(async () => {
      const editor = window.kept as CoscribeEditor
      const { room, handle } = editor
      editor.readOnly = true
      editor.lineNumbers = true
      editor.wrap = 'off'
      editor.tabSize = 8
      editor.setAttribute('theme', 'dark')
      editor.setAttribute('tab-size', 'wide')
      await editor.updateComplete
      const view = editor.handle?.view
      return {
        isSame: editor.room === room && editor.handle === handle,
        readOnly: view?.state.readOnly,
        lineNumbers: view?.dom.querySelector('.cm-lineNumbers') !== null,
        wraps: view?.contentDOM.classList.contains('cm-lineWrapping'),
        scheme: getComputedStyle(editor).colorScheme,
      }
    })
    expect(look).toEqual({
      isSame: true,
      readOnly: true,
      lineNumbers: true,
      wraps: false,
      scheme: 'dark',
    })
    await expect.poll(states).toEqual(['connected', 'readonly'])
    await page.evaluate(() => (window.kept as CoscribeEditor).room?.disconnect())
    await expect.poll(states).toEqual(['offline', 'readonly'])
    await expect.poll(() => server.connections).toBe(0)
    expect(await page.evaluate(() => window.violations)).toEqual([])
    expect(ada.errors).toEqual([])
  })

  it('[E166] shows people as resolveUsers knows them, in faces, at carets and in what is read out', async () => {
    const { url } = await startTestServer()
    const editor = (id: string, name: string, features: string): string =>
      `<coscribe-editor id="${id}" url="${url}" doc="users" user-id="${id}" user-name="${name}"
features="${features}" offline-copy="off"></coscribe-editor>`
    const { page, errors } = await visit(
      url,
      editor('ada', 'Ada', 'people') + editor('ben', 'Your boss', ''),
    )
    for (const id of ['#ada', '#ben']) await page.locator(id).getByRole('textbox').waitFor()
    const told = await page.evaluate(() => {
      const [ada] = document.querySelectorAll('coscribe-editor')
      const asked: string[] = []
      if (ada === undefined) return asked
      ada.addEventListener('coscribe-users', ({ detail }) => window.told.push(detail.ids.join()))
      window.told = []
      window.kept = asked
      ada.resolveUsers = (ids) => {
        asked.push(...ids)
        return ids.map((id) => (id === 'ben' ? { name: '<i>Grace', hue: 3 } : null))
      }
      return asked
    })
    expect(told).toEqual([])
    const face = page.locator('#ada coscribe-avatars .people .face:not(.own)')
    await expect.poll(() => face.getAttribute('title')).toBe('<i>Grace')
    expect(await face.getAttribute('data-hue')).toBe('3')
    await page.locator('#ben').getByRole('textbox').focus()
    await page.keyboard.type('x')
    const label = page.locator('#ada .cm-coscribeCaretLabel')
    await expect.poll(() => label.textContent()).toBe('<i>Grace')
    const known = await page.evaluate(() => {
      const [ada] = document.querySelectorAll('coscribe-editor')
      ada?.handle?.users.refresh(['ben'])
      return ada?.handle?.users.of('ben')
    })
    expect(known).toEqual({ name: '<i>Grace', hue: 3 })
    await expect
      .poll(() => page.evaluate(() => window.kept))
      .toEqual(expect.arrayContaining(['ada', 'ben']))
    await expect.poll(() => page.evaluate(() => window.told)).toContain('ben')
    await page.evaluate(() => {
      const [ada] = document.querySelectorAll('coscribe-editor')
      if (ada !== undefined) ada.resolveUsers = undefined
    })
    await expect.poll(() => face.getAttribute('title')).toBe('Your boss')
    await expect.poll(() => label.textContent()).toBe('Your boss')
    expect(await page.evaluate(() => window.violations)).toEqual([])
    expect(errors).toEqual([])
  })

  it('[E119] leaves nothing behind: mounted and taken out a hundred times, also before it is ready', async () => {
    const server = await startTestServer()
    const { url } = server
    const ada = await visit(url, '')
    const { page } = ada
    await page.waitForFunction(() => customElements.get('coscribe-editor') !== undefined)
    const counters = await page.context().newCDPSession(page)
    const mount = (times: number) =>
      page.evaluate(
        async ([address, count]) => {
          for (let i = 0; i < count; i++) {
            const editor = document.createElement('coscribe-editor')
            Object.assign(editor, { url: address, doc: 'often', features: 'toolbar status' })
            document.querySelector('main')?.append(editor)
            await editor.updateComplete
            // Every fourth is waited for; the others go while they connect.
            if (i % 4 === 0) await editor.room?.whenReady()
            editor.remove()
          }
        },
        [url, times] as const,
      )
    const left = async () => {
      await expect.poll(() => server.connections).toBe(0)
      await counters.send('HeapProfiler.collectGarbage')
      return counters.send('Memory.getDOMCounters')
    }
    await mount(8)
    const before = await left()
    await mount(100)
    // Garbage goes when it is collected, and not all of it in one round.
    await expect
      .poll(async () => {
        const after = await left()
        const nodes = after.nodes - before.nodes
        return nodes < 100 && after.jsEventListeners - before.jsEventListeners < 10
      })
      .toBe(true)
    // A database that somebody holds open cannot be deleted.
    const databases = await page.evaluate(async () => {
      const names = (await indexedDB.databases()).map(({ name = '' }) => name)
      const outcomes = names.map(
        (name) =>
          new Promise<string>((resolve) => {
            const request = indexedDB.deleteDatabase(name)
            request.addEventListener('success', () => resolve('free'))
            // One that is being closed holds it for a moment longer.
            request.addEventListener('blocked', () => setTimeout(() => resolve('held'), 10_000))
          }),
      )
      return Promise.all(outcomes)
    })
    expect(new Set(databases)).toEqual(new Set(['free']))
    expect(await page.evaluate(() => window.violations)).toEqual([])
    expect(ada.errors).toEqual([])
  })

  it('[E120] puts one name into the page, with what extensions are made of', async () => {
    const { url } = await startTestServer()
    const ada = await visit(url, '')
    const { page } = ada
    await page.waitForFunction(() => customElements.get('coscribe-editor') !== undefined)
    const names = await page.evaluate(() => {
      const frame = document.body.appendChild(document.createElement('iframe'))
      const plain = new Set(Object.getOwnPropertyNames(frame.contentWindow))
      // The test's own, and the marks by which Yjs and Lit notice a second copy of themselves.
      const own = new Set(['violations', 'told', 'kept', '0', '__ $YJS$ __', 'litPropertyMetadata'])
      return Object.getOwnPropertyNames(window).filter(
        (name) => !plain.has(name) && !own.has(name) && !/^(?:lit|reactive)\w+Versions$/.test(name),
      )
    })
    expect(names).toEqual(['Coscribe'])
    const shown = await page.evaluate(async (address) => {
      const { codemirror, mountEditor } = window.Coscribe
      const { EditorState, EditorView, keymap } = codemirror
      const parent = document.body.appendChild(document.createElement('div'))
      const run = (view: InstanceType<typeof EditorView>): boolean => {
        view.dispatch({ changes: { from: 0, insert: 'F2 ' } })
        return true
      }
      const extensions = [EditorState.tabSize.of(3), keymap.of([{ key: 'F2', run }])]
      const handle = mountEditor(parent, { url: address, doc: 'extended', extensions })
      await handle.room.whenReady()
      handle.focus()
      return [handle.view.state.tabSize, handle.view instanceof EditorView]
    }, url)
    expect(shown).toEqual([3, true])
    await page.keyboard.press('F2')
    await expect.poll(() => ada.text.textContent()).toBe('F2 ')
  })

  it('[E121] mountEditor gives a handle: text, selection, anchors, undo, options and events', async () => {
    const { url } = await startTestServer()
    const ada = await visit(url, '')
    const { page } = ada
    await page.waitForFunction(() => customElements.get('coscribe-editor') !== undefined)
    const seen = await page.evaluate(async (address) => {
      const { connect, mountEditor } = window.Coscribe
      const parent = document.body.appendChild(document.createElement('div'))
      const room = connect({ url: address, doc: 'handle' })
      const handle = mountEditor(parent, { room, user: { name: 'Ada' } })
      const told: string[] = []
      const off = handle.on('change', ({ origin }) => told.push(origin))
      await room.whenReady()
      handle.insert('one three')
      const anchor = handle.anchor(4, 9)
      handle.setSelection(4)
      handle.insert('two ')
      room.ydoc.transact(() => handle.text.insert(0, 'zero\n'), 'elsewhere')
      const found = handle.resolve(anchor)
      handle.setSelection(0, 4)
      handle.replaceSelection('null')
      await room.whenSaved()
      off()
      const steps = [handle.canUndo, handle.undo(), handle.getText(), handle.canRedo, handle.redo()]
      handle.setOptions({ readOnly: true })
      const refused = [handle.insert('x'), handle.replaceSelection('x'), handle.undo()]
      const errors = [
        () => handle.setOptions({ tabsize: 2 } as never),
        () => handle.setSelection(-1),
        () => mountEditor(null as never, { room }),
      ].map((attempt) => {
        try {
          attempt()
          return ''
        } catch (error) {
          return String(error)
        }
      })
      const loaded: string[] = []
      const languages = async (name: string) => {
        loaded.push(name)
        if (name === 'none') throw new Error('unknown')
        return window.Coscribe.codemirror.EditorView.editorAttributes.of({ class: 'seven' })
      }
      handle.on('error', ({ code, message }) => loaded.push(`${code} ${message}`))
      handle.setOptions({ language: 'seven', languages })
      handle.setOptions({ language: 'seven', wrap: false })
      const has = (): boolean => handle.view.dom.classList.contains('seven')
      while (!has()) await new Promise((resolve) => setTimeout(resolve, 5))
      handle.setOptions({ language: 'none' })
      while (loaded.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
      const result = {
        found: found === null ? null : handle.getText().slice(found.from, found.to),
        foreign: handle.resolve('1.2-3.4'),
        selected: handle.getSelection(),
        scrolled: [handle.scrollTo(anchor), handle.scrollTo('no anchor')],
        crlf: handle.exportText({ eol: 'crlf' }),
        name: room.presence.self?.['name'],
        has: has(),
        told: [...new Set(told)],
        steps,
        refused,
        errors,
        loaded,
      }
      handle.destroy()
      handle.destroy()
      const after = [parent.innerHTML, room.status.connection]
      room.destroy()
      return { ...result, after }
    }, url)
    expect(seen).toMatchObject({
      found: 'three',
      foreign: null,
      scrolled: [true, false],
      crlf: 'null\r\none two three',
      name: 'Ada',
      has: false,
      told: ['local'],
      steps: [true, true, 'zero\none two three', true, true],
      refused: [false, false, false],
      loaded: ['seven', 'none', 'not-loaded none: unknown'],
      after: ['', 'connected'],
    })
    expect(seen.errors[0]).toContain('has no option "tabsize"; use tabSize')
    expect(seen.errors[1]).toContain('give a whole number from 0')
    expect(seen.errors[2]).toContain('parent is null; give an element of the page')
  })
})

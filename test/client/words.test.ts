// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { defineElement } from '../../client/src/editor/define-element.js'
import { defineElements } from '../../client/src/editor/define.js'
import { TitleField } from '../../client/src/page/title-field.js'
import { beginToSpeak, chooseLanguage, chosenLanguage, words } from '../../client/src/page/words.js'
import { showWrongAddress } from '../../client/src/page/wrong-address.js'
import { german } from '../../client/src/phrases/de/index.js'
import { english } from '../../client/src/phrases/en/index.js'
import { ScriptedRoom } from '../support/scripted-room.js'
import { FakeTitledRoom } from '../support/titled-room.js'

const root = document.documentElement

function memory(): { read(name: string): string | null; write(name: string, value: string): void } {
  const values = new Map<string, string>()
  return {
    read: (name) => values.get(name) ?? null,
    write: (name, value) => void values.set(name, value),
  }
}

beforeAll(() => {
  defineElements()
  defineElement('title-field', TitleField)
})

describe('the words of the page', () => {
  beforeEach(() => chooseLanguage(root, memory(), 'en'))

  it('[E81] are those of the language that was chosen, else of the browser', async () => {
    const kept = memory()
    vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['fr', 'de-CH'])
    onTestFinished(() => void vi.restoreAllMocks())
    await beginToSpeak(root, kept)
    expect([words(), root.lang, root.dir]).toEqual([german, 'de', 'ltr'])
    await chooseLanguage(root, kept, 'en')
    expect([words(), root.lang, chosenLanguage(kept)]).toEqual([english, 'en', 'en'])
    await beginToSpeak(root, kept)
    expect(words()).toBe(english)
    await chooseLanguage(root, kept, null)
    expect([words(), chosenLanguage(kept)]).toEqual([german, null])
    kept.write('language', 'constructor')
    expect(chosenLanguage(kept)).toBe(null)
  })

  it('[E81] the language that was asked for last counts', async () => {
    const kept = memory()
    await Promise.all([chooseLanguage(root, kept, 'de'), chooseLanguage(root, kept, 'en')])
    expect([words(), root.lang]).toEqual([english, 'en'])
  })

  it('[E81] change without touching what is being written', async () => {
    const field = document.createElement('title-field') as TitleField
    field.room = new FakeTitledRoom('Notes')
    document.body.append(field)
    onTestFinished(() => field.remove())
    await field.updateComplete
    const input = field.querySelector('input') as HTMLInputElement
    input.focus()
    input.dispatchEvent(new CompositionEvent('compositionstart'))
    input.value = 'half an acc'
    await chooseLanguage(root, memory(), 'de')
    await field.updateComplete
    expect(input.placeholder).toBe('Ohne Titel')
    expect(field.querySelector('input')).toBe(input)
    expect([document.activeElement, input.value]).toEqual([input, 'half an acc'])
    field.remove()
    await chooseLanguage(root, memory(), 'en')
    document.body.append(field)
    await field.updateComplete
    expect(input.placeholder).toBe('Untitled')
  })

  it('[E81] also of a page without a document', async () => {
    showWrongAddress(document, { code: 'bad-document-id', message: 'a document id is wrong' })
    expect(document.body.textContent).toContain('names none: a document id is wrong')
    await chooseLanguage(root, memory(), 'de')
    expect(document.body.textContent).toContain(german.status.reasons['bad-document-id'])
    expect(document.title).toBe('Hier ist kein Dokument — Coscribe')
  })
})

describe('the words of an element', () => {
  it('[E82] are those of the nearest lang attribute, also outside its shadow root', async () => {
    const { room } = new ScriptedRoom()
    room.destroy()
    const around = document.createElement('div')
    const host = document.createElement('div')
    around.append(host)
    document.body.append(around)
    onTestFinished(() => around.remove())
    const status = document.createElement('coscribe-status')
    status.room = room
    host.attachShadow({ mode: 'open' }).append(status)
    const said = (): string => status.shadowRoot?.textContent ?? ''

    around.lang = 'de-DE'
    await expect.poll(said).toContain('dieses Dokument wurde hier geschlossen')
    expect(said()).toContain('Text kopieren')
    host.lang = 'fr'
    await expect.poll(said).toContain('this document was closed here')
    status.lang = 'de'
    await expect.poll(said).toContain('hier geschlossen')
    status.removeAttribute('lang')
    await expect.poll(said).toContain('closed here')
    // Moved to where another language is spoken.
    around.append(status)
    await expect.poll(said).toContain('hier geschlossen')
    status.remove()
    around.lang = 'en'
    around.append(status)
    await expect.poll(said).toContain('closed here')
  })
})

// @vitest-environment jsdom
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import * as Y from 'yjs'
import { TitleField } from '../../client/src/page/title-field.js'

beforeAll(() => customElements.define('title-field', TitleField))

interface OpenTitle {
  readonly input: HTMLInputElement
  readonly title: Y.Text
  /** Does something in another replica, and brings it here. */
  readonly remotely: (change: (title: Y.Text) => void) => void
}

async function openTitle(text: string): Promise<OpenTitle> {
  const [here, there] = [new Y.Doc(), new Y.Doc()]
  const title = here.getText('title')
  title.insert(0, text)
  Y.applyUpdate(there, Y.encodeStateAsUpdate(here))
  const field = document.createElement('title-field') as TitleField
  field.shared = title
  document.body.append(field)
  onTestFinished(() => field.remove())
  await field.updateComplete
  const input = field.querySelector('input')
  if (input === null) throw new Error('there is no input')
  input.focus()
  return {
    input,
    title,
    remotely(change) {
      change(there.getText('title'))
      Y.applyUpdate(here, Y.encodeStateAsUpdate(there))
    },
  }
}

/** What a browser does while a character is composed: the field holds it before anybody may have it. */
function compose(input: HTMLInputElement, at: number, until: number, ...steps: string[]): void {
  const { value } = input
  input.dispatchEvent(new CompositionEvent('compositionstart'))
  for (const step of steps) {
    input.value = value.slice(0, at) + step + value.slice(until)
    input.setSelectionRange(at + step.length, at + step.length)
    input.dispatchEvent(new InputEvent('input', { isComposing: true }))
  }
}

function finish(input: HTMLInputElement): void {
  input.dispatchEvent(new CompositionEvent('compositionend'))
}

describe('a title in which somebody composes a character', () => {
  it('[E42] is left alone by what others write until that is done, and then both are there', async () => {
    const { input, title, remotely } = await openTitle('Notes of May')
    compose(input, 6, 8, 'k', 'か')
    remotely((theirs) => theirs.insert(0, 'Our '))
    expect(input.value).toBe('Notes か May')
    remotely((theirs) => theirs.insert(theirs.length, ' 2026'))
    expect([input.value, input.selectionStart]).toEqual(['Notes か May', 7])
    finish(input)
    expect(title.toString()).toBe('Our Notes か May 2026')
    expect([input.value, input.selectionStart]).toEqual(['Our Notes か May 2026', 11])
  })

  it('[E42] keeps what others wrote inside of what is replaced, and cuts no character', async () => {
    const { input, title, remotely } = await openTitle('a👩b')
    compose(input, 0, 4, 'か')
    remotely((theirs) => theirs.insert(3, ' new '))
    finish(input)
    expect(title.toString().replace('か', '')).toBe(' new ')
    expect(title.toString()).toContain('か')
    expect(input.value).toBe(title.toString().trimStart())
  })

  it('[E42] shows what others wrote when nothing came of it', async () => {
    const { input, title, remotely } = await openTitle('Notes')
    compose(input, 5, 5, 'k', '')
    remotely((theirs) => theirs.delete(0, 5))
    remotely((theirs) => theirs.insert(0, 'Minutes'))
    finish(input)
    expect([input.value, title.toString()]).toEqual(['Minutes', 'Minutes'])
    input.value = 'Minutes!'
    input.dispatchEvent(new InputEvent('input'))
    expect(title.toString()).toBe('Minutes!')
  })

  it('[E42] is another title while it was composed: nothing of the one goes to the other', async () => {
    const { input, title } = await openTitle('Notes')
    compose(input, 0, 5, 'か')
    const other = new Y.Doc().getText('title')
    other.insert(0, 'Elsewhere')
    const field = input.parentElement as TitleField
    field.shared = other
    await field.updateComplete
    finish(input)
    expect([title.toString(), other.toString(), input.value]).toEqual([
      'Notes',
      'Elsewhere',
      'Elsewhere',
    ])
  })
})

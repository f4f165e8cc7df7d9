// @vitest-environment jsdom
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { defineElement } from '../../client/src/editor/define-element.js'
import { TitleField } from '../../client/src/page/title-field.js'
import { TitleWriting } from '../../client/src/page/title-writing.js'
import { ManualClock } from '../support/manual-clock.js'
import { FakeTitledRoom } from '../support/titled-room.js'

beforeAll(() => defineElement('title-field', TitleField))

interface OpenTitle {
  readonly field: TitleField
  readonly input: HTMLInputElement
  readonly room: FakeTitledRoom
}

async function openTitle(title: string): Promise<OpenTitle> {
  const room = new FakeTitledRoom(title)
  const field = document.createElement('title-field') as TitleField
  field.room = room
  document.body.append(field)
  onTestFinished(() => field.remove())
  await field.updateComplete
  const input = field.querySelector('input')
  if (input === null) throw new Error('there is no input')
  input.focus()
  return { field, input, room }
}

/** What a browser does while a character is composed: the field holds it before anybody may have it. */
function compose(input: HTMLInputElement, value: string): void {
  input.dispatchEvent(new CompositionEvent('compositionstart'))
  input.value = value
  input.dispatchEvent(new InputEvent('input', { isComposing: true }))
}

function press(input: HTMLInputElement, key: string): void {
  input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
}

function type(input: HTMLInputElement, value: string): void {
  input.value = value
  input.dispatchEvent(new InputEvent('input'))
}

describe('the field of the title', () => {
  it('[E42] is left alone while a character is composed in it, and then that is the title', async () => {
    const { field, input, room } = await openTitle('Notes')
    compose(input, 'Notes か')
    room.tell('Minutes')
    room.be('reconnecting')
    await field.updateComplete
    expect([input.value, input.readOnly]).toEqual(['Notes か', false])
    room.be('connected')
    input.dispatchEvent(new CompositionEvent('compositionend'))
    press(input, 'Enter')
    expect(room.sent).toEqual(['Notes か'])
  })

  it('[E42] shows what others call it, with the caret where it was, when nothing came of a composition', async () => {
    const { field, input, room } = await openTitle('Notes of May')
    compose(input, 'Notes of May')
    room.tell('Our notes of May')
    await field.updateComplete
    expect(input.value).toBe('Notes of May')
    input.setSelectionRange(9, 9)
    input.dispatchEvent(new CompositionEvent('compositionend'))
    await field.updateComplete
    expect([input.value, input.selectionStart, room.sent]).toEqual(['Our notes of May', 13, []])
  })

  it('[E42] says why a title was not taken and keeps it; Esc gives it up', async () => {
    const { field, input, room } = await openTitle('Notes')
    type(input, 'Minutes')
    press(input, 'Enter')
    await room.renames[0]?.refuse('storage-unavailable')
    await expect.poll(() => field.textContent).toContain('The title was not changed: refused.')
    room.tell('Theirs')
    await field.updateComplete
    expect(input.value).toBe('Minutes')
    press(input, 'Escape')
    await field.updateComplete
    expect([input.value, field.querySelector('[role=alert]')]).toEqual(['Theirs', null])
  })

  it('[E42] without a server can be read, and says why it cannot be changed', async () => {
    const { field, input, room } = await openTitle('Notes')
    room.be('offline')
    await field.updateComplete
    expect([input.value, input.readOnly]).toEqual(['Notes', true])
    expect(field.querySelector('#title-note')?.textContent).toContain('once the server is reached')
    room.be('connected')
    await field.updateComplete
    expect(input.readOnly).toBe(false)
  })

  it('[E42] leaves a space that was just typed until one goes on', async () => {
    const { field, input, room } = await openTitle('Notes')
    type(input, 'Notes of ')
    input.dispatchEvent(new FocusEvent('blur'))
    await room.renames[0]?.take()
    await field.updateComplete
    expect([input.value, room.info]).toEqual(['Notes of ', { title: 'Notes of' }])
  })
})

function writing(room: FakeTitledRoom): { clock: ManualClock; title: TitleWriting } {
  const clock = new ManualClock()
  const title = new TitleWriting({ room, clock, remembered: 'seen', changed: () => undefined })
  onTestFinished(() => title.stop())
  return { clock, title }
}

describe('a title that is being written', () => {
  it('[E42] is sent after a pause, and again when more was typed meanwhile', async () => {
    const room = new FakeTitledRoom('')
    const { clock, title } = writing(room)
    for (const typed of ['M', 'Mi', 'Min']) {
      title.typed(typed)
      clock.advance(100)
    }
    expect(room.sent).toEqual([])
    clock.advance(400)
    title.typed('Minutes')
    clock.advance(400)
    expect(room.sent).toEqual(['Min'])
    room.tell('Theirs')
    expect(title.shown).toBe('Minutes')
    await room.renames[0]?.take()
    clock.advance(400)
    await room.renames[1]?.take()
    expect([room.sent, title.shown, title.isPending]).toEqual([
      ['Min', 'Minutes'],
      'Minutes',
      false,
    ])
    room.tell('Theirs')
    expect(title.shown).toBe('Theirs')
  })

  it('[E42] waits when it was too often, and for a server that went away', async () => {
    const room = new FakeTitledRoom('')
    const { clock, title } = writing(room)
    title.typed('Minutes')
    title.send()
    await room.renames[0]?.refuse('rate-limited')
    expect(title.fault).toBe(null)
    room.be('reconnecting')
    clock.advance(3_000)
    await Promise.resolve()
    expect(title.fault?.code).toBe('offline')
    room.be('connected')
    expect([room.sent, title.fault]).toEqual([['Minutes', 'Minutes'], null])
  })

  it('[E42] is not complained about once it was given up', async () => {
    const room = new FakeTitledRoom('Notes')
    const { title } = writing(room)
    title.typed('Minutes')
    title.send()
    title.drop()
    await room.renames[0]?.refuse('storage-unavailable')
    // Which the answer made possible.
    title.typed('Plans')
    title.send()
    expect(room.sent).toEqual(['Minutes', 'Plans'])
    title.drop()
    await room.renames[1]?.refuse('storage-unavailable')
    await Promise.resolve()
    expect([title.fault, title.shown]).toEqual([null, 'Notes'])
  })

  it('[E93] is sent on leaving, also while an earlier one is on its way', async () => {
    const room = new FakeTitledRoom('')
    const { clock, title } = writing(room)
    title.typed('A')
    title.send()
    title.typed('A plan')
    expect([title.isPending, title.isStuck]).toEqual([true, false])
    title.stop()
    await room.renames[0]?.take()
    title.stop()
    clock.advance(10_000)
    expect(room.sent).toEqual(['A', 'A plan'])
  })

  it('[E93] is not sent twice by leaving', () => {
    const room = new FakeTitledRoom('Notes')
    const { title } = writing(room)
    title.typed('Minutes')
    title.send()
    title.typed('Minutes ')
    title.stop()
    expect(room.sent).toEqual(['Minutes'])
  })

  it('[E35] would be lost when it cannot be sent', async () => {
    const room = new FakeTitledRoom('')
    const { title } = writing(room)
    title.typed('Minutes')
    room.be('offline')
    expect([title.isPending, title.isStuck]).toEqual([true, true])
    room.be('connected')
    expect(title.isStuck).toBe(false)
    title.send()
    await room.renames[0]?.refuse('storage-unavailable')
    await expect.poll(() => title.isStuck).toBe(true)
    title.drop()
    expect([title.isPending, title.isStuck]).toEqual([false, false])
  })

  it('[E42, E87] is the one that was seen last until a server has said it', () => {
    const room = new FakeTitledRoom(null)
    const { title } = writing(room)
    expect([title.shown, title.isOnline]).toEqual(['seen', false])
    room.tell('Notes')
    expect([title.shown, title.isOnline]).toEqual(['Notes', true])
  })
})

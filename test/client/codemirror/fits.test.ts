// @vitest-environment jsdom
import { defaultLimits } from '@coscribe/shared'
import { fitsDocument, type RefusedInsert } from '@coscribe/client/codemirror'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { openEditor, shownText, type, type BoundEditor } from '../../support/binding-world.js'
import { ScriptedRoom } from '../../support/scripted-room.js'

const LIMIT = 10_000

interface Opened extends BoundEditor {
  readonly scripted: ScriptedRoom
  readonly refused: RefusedInsert[]
}

function opened(initial = ''): Opened {
  const scripted = new ScriptedRoom()
  const server = new Y.Doc()
  if (initial !== '') server.getText('content').insert(0, initial)
  const refused: RefusedInsert[] = []
  const editor = openEditor(scripted.room.text('content'), {
    extensions: fitsDocument(scripted.room, (one) => refused.push(one)),
  })
  scripted.handshake(server, { limits: { ...defaultLimits, documentBytes: LIMIT } })
  return { ...editor, scripted, refused }
}

function replaceAll({ view }: Opened, insert: string): void {
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert } })
}

describe('an editor whose document has a limit', () => {
  it('[E111] refuses what would not fit before anything is changed, and says how much would', () => {
    const editor = opened('here')
    const { view, ytext, refused } = editor
    view.dispatch({ selection: { anchor: 2 } })
    type(view, 'x'.repeat(LIMIT))
    replaceAll(editor, 'ä'.repeat(LIMIT / 2))
    expect(shownText(ytext)).toBe('here')
    expect(view.state.doc.toString()).toBe('here')
    expect(view.state.selection.main.head).toBe(2)
    expect(refused).toHaveLength(2)
    for (const { bytes, freeBytes } of refused) {
      expect(bytes).toBeGreaterThan(freeBytes)
      expect(freeBytes).toBeGreaterThan(LIMIT * 0.9)
    }
    type(view, 'y'.repeat(LIMIT * 0.9))
    expect(refused).toHaveLength(2)
    expect(ytext.length).toBe(4 + LIMIT * 0.9)
    expect(editor.scripted.room.status.error).toBeNull()
  })

  it('[E111] with a document that is full takes deletions, and again text when there is room', () => {
    const editor = opened('x'.repeat(LIMIT))
    const { view, ytext, refused } = editor
    type(view, 'y')
    expect(refused).toMatchObject([{ freeBytes: 0 }])
    view.dispatch({ changes: { from: 0, to: LIMIT - 500 } })
    expect(ytext.length).toBe(500)
    type(view, 'y')
    expect(ytext.length).toBe(501)
    expect(refused).toHaveLength(1)
  })

  it('[E111] goes by what the server says, and lets pass what comes from the document', async () => {
    const { view, ytext, refused, scripted } = opened()
    await scripted.type('z'.repeat(LIMIT))
    expect(view.state.doc.length).toBe(LIMIT)
    const count = scripted.socket.updates.length
    scripted.socket.say({ type: 'rejected', count, code: 'document-full', message: 'full' })
    view.dispatch({ changes: { from: 0, to: LIMIT } })
    expect(ytext.length).toBe(0)
    type(view, 'a')
    expect(refused).toMatchObject([{ freeBytes: 0 }])
  })

  it('[E111] refuses nothing before a server has spoken', () => {
    const { room } = new ScriptedRoom()
    const { view, ytext } = openEditor(room.text('content'), { extensions: fitsDocument(room) })
    type(view, 'x'.repeat(LIMIT))
    expect(ytext.length).toBe(LIMIT)
  })
})

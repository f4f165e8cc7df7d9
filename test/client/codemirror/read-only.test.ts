// @vitest-environment jsdom
import type { Access } from '@coscribe/shared'
import { readOnlyByRoom } from '@coscribe/client/codemirror'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { openEditor, settled, shownText, type } from '../../support/binding-world.js'
import { ScriptedRoom } from '../../support/scripted-room.js'

const texts = () => new Y.Doc().getText('content')

function grant(scripted: ScriptedRoom, access: Access): void {
  scripted.socket.say({ type: 'access', access, code: '', reason: '' })
}

describe('an editor in a room', () => {
  it('[E13] is read-only until the server lets its user write', () => {
    const scripted = new ScriptedRoom()
    const { view, ytext } = openEditor(texts(), { extensions: readOnlyByRoom(scripted.room) })
    expect(view.state.readOnly).toBe(true)
    type(view, 'too early')
    expect(shownText(ytext)).toBe('')
    scripted.handshake()
    expect(view.state.readOnly).toBe(false)
    type(view, 'now')
    expect(shownText(ytext)).toBe('now')
  })

  it('[E13] goes by what is assumed while the server is silent', () => {
    const scripted = new ScriptedRoom()
    const extensions = readOnlyByRoom(scripted.room, { assume: 'write' })
    const { view } = openEditor(texts(), { extensions })
    expect(view.state.readOnly).toBe(false)
  })

  it('[E13] hears of a change between state and view', async () => {
    const scripted = new ScriptedRoom()
    const { view } = openEditor(texts(), { extensions: readOnlyByRoom(scripted.room) })
    const { state } = view
    scripted.handshake()
    view.setState(state)
    await settled()
    expect(view.state.readOnly).toBe(false)
  })

  it('[E13] follows the access at every moment, and still shows what others write', () => {
    const scripted = new ScriptedRoom()
    const { view, ytext } = openEditor(texts(), { extensions: readOnlyByRoom(scripted.room) })
    scripted.handshake()
    grant(scripted, 'read')
    expect(view.state.readOnly).toBe(true)
    ytext.insert(0, 'theirs')
    expect(view.state.doc.toString()).toBe('theirs')
    grant(scripted, 'write')
    expect(view.state.readOnly).toBe(false)
  })
})

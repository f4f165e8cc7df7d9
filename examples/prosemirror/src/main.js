import { baseKeymap } from 'prosemirror-commands'
import { keymap } from 'prosemirror-keymap'
import { schema } from 'prosemirror-schema-basic'
import { EditorState } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { connect } from '@coscribe/client'
import { redo, undo, yCursorPlugin, ySyncPlugin, yUndoPlugin } from 'y-prosemirror'
import 'prosemirror-view/style/prosemirror.css'
import './style.css'

const url = import.meta.env.VITE_COSCRIBE_URL ?? 'ws://127.0.0.1:1234'
const room = connect({ url, doc: 'example-prosemirror' })
// What y-prosemirror shows beside a cursor.
room.presence.set({ user: { name: 'Guest', color: '#0b6e5f' } })

const app = document.querySelector('#app')
const status = app.appendChild(document.createElement('p'))

function showStatus() {
  const { connection, save, error } = room.status
  status.textContent = [connection, save, error?.message].filter(Boolean).join(', ')
}
showStatus()
room.on('status', showStatus)

// An editor on a document that is not here yet would begin with a paragraph of its own.
await room.whenReady()

const mayWrite = () => room.status.access === 'write' || room.status.access === 'admin'
const view = new EditorView(app, {
  state: EditorState.create({
    schema,
    plugins: [
      ySyncPlugin(room.ydoc.getXmlFragment('prosemirror')),
      yCursorPlugin(room.presence.awareness),
      yUndoPlugin(),
      keymap({ 'Mod-z': undo, 'Mod-y': redo, 'Mod-Shift-z': redo }),
      keymap(baseKeymap),
    ],
  }),
  editable: mayWrite,
  attributes: { role: 'textbox', 'aria-multiline': 'true', 'aria-label': 'Text' },
})
// The server may give and take the right to write at any time.
room.on('access', () => view.setProps({ editable: mayWrite }))

import { defaultKeymap } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { connect } from '@coscribe/client'
import {
  collabText,
  collabUndo,
  editorText,
  readOnlyByRoom,
  remoteCursors,
} from '@coscribe/client/codemirror'
import './style.css'

const url = import.meta.env.VITE_COSCRIBE_URL ?? 'ws://127.0.0.1:1234'
const room = connect({ url, doc: 'example-own-codemirror', user: { name: 'Guest' } })
const text = room.text('content')

const app = document.querySelector('#app')
const status = app.appendChild(document.createElement('p'))

const view = new EditorView({
  parent: app,
  doc: editorText(text),
  extensions: [
    // Yours: any extensions but `history()`, which would undo what others wrote.
    lineNumbers(),
    drawSelection(),
    highlightActiveLine(),
    bracketMatching(),
    keymap.of(defaultKeymap),
    EditorView.contentAttributes.of({ 'aria-label': 'Text' }),
    // Ours.
    collabText(text),
    collabUndo(),
    remoteCursors(room.presence),
    readOnlyByRoom(room),
  ],
})
view.focus()

function showStatus() {
  const { connection, save, error } = room.status
  status.textContent = [connection, save, error?.message].filter(Boolean).join(', ')
}
showStatus()
room.on('status', showStatus)

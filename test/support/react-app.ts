import {
  CoscribeEditor,
  CoscribeProvider,
  CoscribeRoom,
  useAccess,
  useLostConnection,
  useMyPresence,
  useOthers,
  useRoom,
  useSaveStatus,
  useSelf,
  useStatus,
  useText,
  useUndo,
} from '@coscribe/client/react'
import { createElement as h, StrictMode, useRef, useState, type ReactElement } from 'react'
import { createRoot, type Root } from 'react-dom/client'

/** What the app noted of itself, for a test to read. */
export interface ReactNotes {
  root: Root
  /** How often each part was rendered. */
  readonly renders: { status: number; others: number }
  /** What was said about saving, and how it was then. */
  readonly saves: [string, string][]
  readonly connection: string[]
  readonly changes: string[]
  /** Of whom it was asked who they are. */
  readonly asked: string[]
}

export interface ReactSetup {
  readonly url: string
  readonly token: string
}

declare global {
  interface Window {
    notes: ReactNotes
    setup: ReactSetup
  }
}

/** An attribute, as JSX takes it without asking. */
function place(count: number): object {
  return { 'data-place': count }
}

function App(): ReactElement {
  const [count, setCount] = useState(0)
  const [doc, setDoc] = useState('react')
  const { url, token } = window.setup
  return h(
    CoscribeProvider,
    // A function that is another one at each rendering.
    { url, token: () => token },
    h('button', { id: 'again', onClick: () => setCount(count + 1) }, `rendered ${count}`),
    h('button', { id: 'other', onClick: () => setDoc('other') }, 'other'),
    h(
      CoscribeRoom,
      { doc, user: { name: `Ada ${count}` }, fallback: h('p', { id: 'fallback' }, 'Loading') },
      h(CoscribeEditor, {
        label: 'Text',
        placeholder: `Write ${count}`,
        ...place(count),
        // Given once, and then not any more.
        ...(count === 1 ? { lineNumbers: true } : {}),
        resolveUsers: (ids) => {
          window.notes.asked.push(...ids)
          return ids.map((id) => ({ name: `The ${id}` }))
        },
        onChange: ({ origin }) => window.notes.changes.push(`${origin} ${count}`),
      }),
      h(Facts),
      h(Others),
      h(Undo),
    ),
  )
}

function Facts(): ReactElement {
  const room = useRoom()
  const save = useSaveStatus({ smooth: true })
  const first = useText().split('\n')[0]
  const self = useSelf()
  const [mine] = useMyPresence()
  const access = useAccess()
  useLostConnection((what) => window.notes.connection.push(what), { afterMs: 50 })
  window.notes.saves.push([save, room.status.save])
  return h(
    'output',
    { id: 'facts' },
    JSON.stringify({ first, name: self?.['name'], same: self === mine, access }),
  )
}

function Others(): ReactElement {
  window.notes.renders.others++
  const count = useOthers((others) => others.length)
  const names = useOthers(
    (others) => others.map(({ state }) => state['name']),
    (one, two) => one.join() === two.join(),
  )
  return h('output', { id: 'others' }, `${count} ${names.join()}`)
}

function Undo(): ReactElement {
  window.notes.renders.status++
  const connection = useStatus((status) => status.connection)
  const { canUndo, undo } = useUndo()
  const first = useRef(connection)
  return h('button', { id: 'undo', disabled: !canUndo, onClick: undo }, `${first.current} undo`)
}

const root = createRoot(document.body.appendChild(document.createElement('div')))
window.notes = {
  root,
  renders: { status: 0, others: 0 },
  saves: [],
  connection: [],
  changes: [],
  asked: [],
}
root.render(h(StrictMode, null, h(App)))

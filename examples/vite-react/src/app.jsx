import {
  CoscribeEditor,
  CoscribeProvider,
  CoscribeRoom,
  useOthers,
  useSaveStatus,
  useUndo,
} from '@coscribe/client/react'

const url = import.meta.env.VITE_COSCRIBE_URL ?? 'ws://127.0.0.1:1234'
const me = { name: 'Guest' }

export function App() {
  return (
    <CoscribeProvider url={url}>
      <CoscribeRoom doc="example-vite-react" user={me} fallback={<p>Opening…</p>}>
        <Toolbar />
        <CoscribeEditor className="editor" label="Text" placeholder="Write here." />
      </CoscribeRoom>
    </CoscribeProvider>
  )
}

function Toolbar() {
  const save = useSaveStatus({ smooth: true })
  const others = useOthers((all) => all.length)
  const { canUndo, canRedo, undo, redo } = useUndo()
  return (
    <div className="toolbar">
      <button type="button" disabled={!canUndo} onClick={undo}>
        Undo
      </button>
      <button type="button" disabled={!canRedo} onClick={redo}>
        Redo
      </button>
      <span>
        {save}, {others} more here
      </span>
    </div>
  )
}

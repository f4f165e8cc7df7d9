import { useSyncExternalStore } from 'react'
import { connect } from '@coscribe/client'
import { defineElements } from '@coscribe/client/editor'

defineElements()

const url = import.meta.env.VITE_COSCRIBE_URL ?? 'ws://127.0.0.1:1234'
// Made once, beside React: what mounts, unmounts and mounts again does not connect again.
const room = connect({ url, doc: 'example-vite-react', user: { name: 'Guest' } })
const onStatus = (listener) => room.on('status', listener)

export function App() {
  const { save } = useSyncExternalStore(onStatus, () => room.status)
  return (
    <>
      <h1>Minutes {save === 'saved' ? '' : '…'}</h1>
      <coscribe-editor room={room} label="Text" placeholder="Write here." />
      <coscribe-status room={room} />
    </>
  )
}

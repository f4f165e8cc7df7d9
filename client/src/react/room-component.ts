import { systemClock, type Cancel } from '@coscribe/shared'
import {
  createElement,
  useContext,
  useEffect,
  useRef,
  useState,
  type ReactElement,
  type ReactNode,
} from 'react'
import type { TokenFunction, TokenSource } from '../credential.js'
import type { PresenceState } from '../presence.js'
import { connect, type Room } from '../room.js'
import { RoomContext, ServerContext, type RoomContents, type ServerSetup } from './context.js'
import { useLatest } from './latest.js'
import { OpenEditor } from './open-editor.js'

/** What {@link CoscribeProvider} is given. */
export interface CoscribeProviderProps extends ServerSetup {
  readonly children?: ReactNode
}

/** Says to everything in it which server to use. Connects to nothing itself. */
export function CoscribeProvider({ children, ...setup }: CoscribeProviderProps): ReactElement {
  return createElement(ServerContext.Provider, { value: setup }, children)
}

/** What {@link CoscribeRoom} is given. */
export interface CoscribeRoomProps {
  /** The document's id. Another one opens another room. */
  readonly doc: string
  /** What others see of who is here, for example `{ name: 'Ada' }`. */
  readonly user?: PresenceState | undefined
  /** Shown until the document is here, also by a server; nothing by default. */
  readonly fallback?: ReactNode
  readonly children?: ReactNode
}

/** An open room, and what closes it unless somebody comes back at once. */
interface OpenRoom extends RoomContents {
  readonly key: string
  closing: Cancel | null
  isOver: boolean
}

/**
 * A document for the components in it. It is opened when it is mounted and closed when it is not any more; mounting
 * twice, as in StrictMode, connects once.
 *
 * @throws Error outside of a `<CoscribeProvider>`
 */
export function CoscribeRoom(props: CoscribeRoomProps): ReactElement {
  const { doc, user, fallback = null, children } = props
  const setup = useContext(ServerContext)
  if (setup === null)
    throw new Error('there is no server here; put <CoscribeRoom> into <CoscribeProvider url="…">')
  const latest = useLatest({ ...setup, user })
  const held = useRef<OpenRoom | null>(null)
  const [contents, setContents] = useState<OpenRoom | null>(null)
  const hasToken = setup.token !== undefined && setup.token !== ''
  const key = JSON.stringify([setup.url, doc, hasToken])
  useEffect(() => {
    const open = reopened(held.current, key) ?? openRoom(key, doc, latest)
    held.current = open
    setContents(open)
    return () => {
      open.closing = systemClock.soon(() => close(open))
    }
  }, [key, doc, latest])
  useEffect(() => {
    if (user !== undefined) contents?.room.presence.set(user)
  }, [user, contents])
  const isHere = useIsHere(contents?.room ?? null)
  const current = contents?.key === key ? contents : null
  return createElement(
    RoomContext.Provider,
    { value: current },
    current !== null && isHere ? children : fallback,
  )
}

function reopened(open: OpenRoom | null, key: string): OpenRoom | null {
  if (open?.key !== key || open.isOver) return null
  open.closing?.()
  open.closing = null
  return open
}

function close(open: OpenRoom): void {
  open.isOver = true
  open.room.destroy()
}

interface LatestSetup extends ServerSetup {
  readonly user?: PresenceState | undefined
}

function openRoom(key: string, doc: string, latest: { readonly current: LatestSetup }): OpenRoom {
  const { url, token, offline, user } = latest.current
  const hasToken = token !== undefined && token !== ''
  const bring: TokenFunction = (...reason) => tokenOf(latest.current.token, reason)
  const room = connect({
    url,
    doc,
    ...(hasToken ? { token: bring } : {}),
    ...(offline === undefined ? {} : { offline: offline(doc) }),
    ...(user === undefined ? {} : { user }),
  })
  return { key, room, editor: new OpenEditor(), closing: null, isOver: false }
}

function tokenOf(
  token: TokenSource | undefined,
  reason: Parameters<TokenFunction>,
): string | Promise<string> {
  return typeof token === 'function' ? token(...reason) : (token ?? '')
}

/** Whether the document of a room is here, from the server or this device. What was here once is not taken away. */
function useIsHere(room: Room | null): boolean {
  const [here, setHere] = useState<Room | null>(null)
  useEffect(() => {
    if (room === null) return undefined
    const look = (): void => {
      if (room.status.save !== 'loading') setHere(room)
    }
    look()
    return room.on('status', look)
  }, [room])
  return room !== null && here === room
}

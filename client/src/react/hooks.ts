import type { Access } from '@coscribe/shared'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { PresenceState, PresentPeer } from '../presence.js'
import type { Room } from '../room.js'
import type { RoomStatus, SaveStatus } from '../sync-status.js'
import { useRoomContents } from './context.js'
import { useLatest } from './latest.js'
import { useSelected, whole, type Outside } from './selected.js'

/**
 * The room of the components around.
 *
 * @throws Error outside of a `<CoscribeRoom>`, like every hook here
 */
export function useRoom(): Room {
  return useRoomContents().room
}

/** How a room stands before anything is known. */
const atServer: RoomStatus = Object.freeze({
  connection: 'connecting',
  save: 'loading',
  access: null,
  pending: Object.freeze({ updates: 0, bytes: 0, since: null }),
  keptLocally: false,
  error: null,
  retryAt: null,
  lastSavedAt: null,
})

/** How the room stands, or the part of it that `select` takes: rendered again only when that is another one. */
export function useStatus(): RoomStatus
export function useStatus<Part>(
  select: (status: RoomStatus) => Part,
  isEqual?: (one: Part, two: Part) => boolean,
): Part
export function useStatus(
  select: (status: RoomStatus) => unknown = whole,
  isEqual: (one: unknown, two: unknown) => boolean = Object.is,
): unknown {
  const room = useRoom()
  const outside = useMemo<Outside<RoomStatus>>(
    () => ({ subscribe: (changed) => room.on('status', changed), get: () => room.status }),
    [room],
  )
  return useSelected(outside, select, isEqual, atServer)
}

/** What this person may do; `null` before the server said so. */
export function useAccess(): Access | null {
  return useStatus((status) => status.access)
}

/** Where one's own edits are; `settling`: there is nothing yet, or nothing any more, that is worth a word. */
export type ShownSaveStatus = SaveStatus | 'settling'

/** Options of {@link useSaveStatus}. */
export interface SaveStatusOptions {
  /**
   * Whether what lasts less than 600 ms is `settling` instead of `saving`, and `saved` waits until nothing was written
   * for 500 ms, so that nothing flickers while somebody types. It never says `saved` too early. `false` by default.
   */
  readonly smooth?: boolean
}

const SAVING_AFTER_MS = 600
const SAVED_AFTER_MS = 500

/** Where one's own edits are. */
export function useSaveStatus(options?: { readonly smooth?: false }): SaveStatus
export function useSaveStatus(options: SaveStatusOptions): ShownSaveStatus
export function useSaveStatus({ smooth = false }: SaveStatusOptions = {}): ShownSaveStatus {
  const save = useStatus((status) => status.save)
  /** What has been so for long enough to be said. */
  const [lasting, setLasting] = useState<SaveStatus | null>(save)
  useEffect(() => {
    const delayMs = save === 'saving' ? SAVING_AFTER_MS : save === 'saved' ? SAVED_AFTER_MS : 0
    const timer = setTimeout(() => setLasting(save), delayMs)
    return () => {
      clearTimeout(timer)
      setLasting(null)
    }
  }, [save])
  const isNews = lasting !== save && (save === 'saving' || save === 'saved')
  return smooth && isNews ? 'settling' : save
}

const nobody: readonly PresentPeer[] = []

/** Everybody else who is here, or what `select` makes of them. What they sent has to be checked before use. */
export function useOthers(): readonly PresentPeer[]
export function useOthers<Part>(
  select: (others: readonly PresentPeer[]) => Part,
  isEqual?: (one: Part, two: Part) => boolean,
): Part
export function useOthers(
  select: (others: readonly PresentPeer[]) => unknown = whole,
  isEqual: (one: unknown, two: unknown) => boolean = Object.is,
): unknown {
  const room = useRoom()
  const outside = useMemo<Outside<readonly PresentPeer[]>>(
    () => ({
      subscribe: (changed) => room.presence.subscribe(changed),
      get: () => room.presence.others,
    }),
    [room],
  )
  return useSelected(outside, select, isEqual, nobody)
}

/** What one shows of oneself; `null` when hidden. */
export function useSelf(): PresenceState | null {
  const room = useRoom()
  const outside = useMemo<Outside<PresenceState | null>>(
    () => ({
      subscribe: (changed) => {
        const { awareness } = room.presence
        awareness.on('change', changed)
        return () => awareness.off('change', changed)
      },
      get: () => room.presence.self,
    }),
    [room],
  )
  return useSelected(outside, whole, Object.is, null)
}

/** What one shows of oneself, and a function that adds to it. */
export function useMyPresence(): [PresenceState | null, (patch: PresenceState) => void] {
  const room = useRoom()
  const self = useSelf()
  const set = useCallback((patch: PresenceState) => room.presence.set(patch), [room])
  return [self, set]
}

/** A shared text as a string. To write in it, use the editor, or `useRoom().text(name)`. */
export function useText(name = 'content'): string {
  const room = useRoom()
  const outside = useMemo(() => textOf(room, name), [room, name])
  return useSelected(outside, whole, Object.is, '')
}

/** A text is put together once for each change, and not for each rendering. */
function textOf(room: Room, name: string): Outside<string> {
  const text = room.text(name)
  let known: string | null = null
  return {
    get: () => (known ??= text.toString()),
    subscribe(changed) {
      const observer = (): void => {
        known = null
        changed()
      }
      text.observe(observer)
      // It may have changed since it was read.
      known = null
      return () => text.unobserve(observer)
    },
  }
}

/** Undo and redo of the editor in this room. */
export interface Undo {
  readonly canUndo: boolean
  readonly canRedo: boolean
  readonly undo: () => void
  readonly redo: () => void
}

const nothing = { canUndo: false, canRedo: false }

/** Undo and redo for buttons of one's own. Without an open editor there is nothing to undo. */
export function useUndo(): Undo {
  const { editor } = useRoomContents()
  const handle = useSelected(editor, whole, Object.is, null)
  const [depth, setDepth] = useState(nothing)
  useEffect(() => {
    if (handle === null) return setDepth(nothing)
    setDepth({ canUndo: handle.canUndo, canRedo: handle.canRedo })
    return handle.on('undo', setDepth)
  }, [handle])
  return useMemo(
    () => ({ ...depth, undo: () => void handle?.undo(), redo: () => void handle?.redo() }),
    [depth, handle],
  )
}

/** What became of a connection: away for long enough to be said, back again, or over. */
export type LostConnection = 'lost' | 'restored' | 'failed'

const LOST_AFTER_MS = 5_000

/** Calls `listener` when the connection has been away for `afterMs` (5,000 by default), and when it is back or over. */
export function useLostConnection(
  listener: (what: LostConnection) => void,
  { afterMs = LOST_AFTER_MS }: { readonly afterMs?: number } = {},
): void {
  const room = useRoom()
  const latest = useLatest(listener)
  useEffect(() => {
    let isLost = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const say = (what: LostConnection): void => {
      isLost = what === 'lost'
      latest.current(what)
    }
    const look = (): void => {
      const { connection, error } = room.status
      clearTimeout(timer)
      if (connection === 'connected') return isLost ? say('restored') : undefined
      if (connection === 'closed') return error === null ? undefined : say('failed')
      if (!isLost) timer = setTimeout(() => say('lost'), afterMs)
    }
    look()
    const off = room.on('connection', look)
    return () => {
      clearTimeout(timer)
      off()
    }
  }, [room, latest, afterMs])
}

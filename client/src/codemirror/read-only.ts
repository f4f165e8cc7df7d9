import { EditorState, StateEffect, StateField, type Extension } from '@codemirror/state'
import { ViewPlugin, type EditorView } from '@codemirror/view'
import type { Access, Off } from '@coscribe/shared'
import { isFunction, isObject, shown } from '../mistakes.js'
import type { Room } from '../room.js'
import { canWrite } from '../sync-status.js'

/** Options of {@link readOnlyByRoom}. */
export interface ReadOnlyOptions {
  /**
   * The access to go by until the server has said anything, for example what it said last time; none by default, so
   * that nobody writes into a document that is still being loaded.
   */
  readonly assume?: Access
}

/**
 * Makes an editor read-only while the room does not let its user write, as the server says at each moment. Changes
 * that come from the document pass.
 *
 * @throws TypeError for what is no room
 */
export function readOnlyByRoom(
  room: Pick<Room, 'status' | 'on'>,
  options: ReadOnlyOptions = {},
): Extension {
  if (!isObject(room) || !isFunction(room.on)) {
    throw new TypeError(`readOnlyByRoom(room): room is what connect() returns, got ${shown(room)}`)
  }
  const readOnly = (): boolean => !canWrite(room.status.access ?? options.assume ?? null)
  const changed = StateEffect.define<boolean>()
  const field = StateField.define<boolean>({
    create: readOnly,
    update: (value, { effects }) =>
      effects.reduce((last, effect) => (effect.is(changed) ? effect.value : last), value),
    provide: (self) => [
      EditorState.readOnly.from(self),
      EditorState.changeFilter.of(({ startState }) => !startState.field(self)),
    ],
  })
  const follow = (view: EditorView): void => {
    if (view.state.field(field) !== readOnly()) view.dispatch({ effects: changed.of(readOnly()) })
  }
  const plugin = ViewPlugin.define((view) => new AccessWatch(room, () => follow(view)))
  return [field, plugin]
}

/** Tells one view of every change of access. */
class AccessWatch {
  readonly #off: Off
  #destroyed = false

  constructor(room: Pick<Room, 'on'>, follow: () => void) {
    this.#off = room.on('access', follow)
    // The access may have changed since the state was made; a view under construction cannot be told.
    queueMicrotask(() => {
      if (!this.#destroyed) follow()
    })
  }

  destroy(): void {
    this.#destroyed = true
    this.#off()
  }
}

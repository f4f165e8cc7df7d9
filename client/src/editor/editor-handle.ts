import type { EditorView } from '@codemirror/view'
import type { Off } from '@coscribe/shared'
import type * as Y from 'yjs'
import type { LineEnding } from '../codemirror/line-ending.js'
import type { Room } from '../room.js'
import type { Anchor, AnchoredRange } from './anchor.js'
import type { EditorEvents, EditorSelected } from './editor-events.js'
import type { EditorSettings } from './editor-options.js'
import type { KnownUsers } from './resolved-users.js'

/** An open editor. Positions are UTF-16 units of the text; those beyond its end mean its end. */
export interface EditorHandle {
  /** CodeMirror's own view, for whatever is not here. */
  readonly view: EditorView
  readonly room: Room
  /** The shared text. */
  readonly text: Y.Text
  /** Whether there is something of this editor's user to undo. */
  readonly canUndo: boolean
  readonly canRedo: boolean
  /** The whole text, with LF line ends. */
  getText(): string
  /**
   * The text as a file has it.
   *
   * @param options `eol`: how lines end; as the document says by default
   */
  exportText(options?: { readonly eol?: LineEnding }): string
  /** Writes at the caret, or at `at`, and replaces nothing; `false` where nobody may write. */
  insert(text: string, at?: number): boolean
  /** Writes over what is selected; `false` where nobody may write. */
  replaceSelection(text: string): boolean
  focus(): void
  /** Undoes what was written here last, and nothing of others; `false` when there is nothing. */
  undo(): boolean
  redo(): boolean
  getSelection(): EditorSelected
  /** Selects from `anchor` to `head`, where the caret then is; a caret alone without `head`. */
  setSelection(anchor: number, head?: number): void
  /** Names a range so that it can be stored, and found again after others wrote; a place alone without `to`. */
  anchor(from: number, to?: number): Anchor
  /** Where an anchor is now, or `null` if it is none of this text. It may come from anybody. */
  resolve(anchor: Anchor): AnchoredRange | null
  /** Shows a position or an anchor, in the middle; `false` for an anchor of another text. The focus stays. */
  scrollTo(target: number | Anchor): boolean
  /**
   * Follows somebody's caret until the user types, scrolls away or presses Escape, or `null`: nobody any more.
   *
   * @param person as `peopleIn` has them
   * @returns `false` when they are not here
   */
  follow(person: string | null): boolean
  /** Who is followed, or `null`. */
  readonly following: string | null
  /** Scrolls to somebody's caret; `false` when they are nowhere in the text. Focus and selection stay. */
  jumpTo(person: string): boolean
  /** What `resolveUsers` said of people. */
  readonly users: KnownUsers
  /**
   * Changes the options that are named and leaves the others. Nothing is connected again.
   *
   * @throws TypeError for an option that does not exist or cannot be so
   */
  setOptions(patch: EditorSettings): void
  /** Calls `listener` at every later event of this name, until the returned function is called. */
  on<Name extends keyof EditorEvents>(
    name: Name,
    listener: (value: EditorEvents[Name]) => void,
  ): Off
  /** Takes the editor out of the page, and leaves the room unless it was given. Harmless when called twice. */
  destroy(): void
}

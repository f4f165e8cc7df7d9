import type { EditorEvents } from './editor-events.js'

/**
 * What `<coscribe-editor>` tells of, by the names of its events: those of {@link EditorEvents} with `coscribe-` before
 * them. All of them bubble and leave shadow roots. `coscribe-error` can be cancelled: then the element does not show
 * the error in the place of the text.
 */
export type CoscribeEvents = {
  readonly [Name in keyof EditorEvents as `coscribe-${Name}`]: CustomEvent<EditorEvents[Name]>
} & {
  /** Of `<coscribe-avatars>`: somebody pressed on themselves, to be called otherwise. */
  readonly 'coscribe-name-wanted': CustomEvent<null>
}

/** Every event, so that none is forgotten; whether its default can be prevented. */
const cancelable: Readonly<Record<keyof EditorEvents, boolean>> = {
  ready: false,
  status: false,
  save: false,
  access: false,
  error: true,
  info: false,
  presence: false,
  users: false,
  change: false,
  selection: false,
  undo: false,
  follow: false,
  refused: false,
}

/** The names of all events of an editor. */
export const eventNames = Object.keys(cancelable) as readonly (keyof EditorEvents)[]

/** Tells of something at an element; `false` when somebody prevented what would follow. */
export function tell<Name extends keyof EditorEvents>(
  element: HTMLElement,
  name: Name,
  detail: EditorEvents[Name],
): boolean {
  const event = new CustomEvent(`coscribe-${name}`, {
    detail,
    bubbles: true,
    composed: true,
    cancelable: cancelable[name],
  })
  return element.dispatchEvent(event)
}

/** Tells that somebody wants another name. */
export function tellNameWanted(element: HTMLElement): void {
  element.dispatchEvent(
    new CustomEvent('coscribe-name-wanted', { detail: null, bubbles: true, composed: true }),
  )
}

declare global {
  interface HTMLElementEventMap extends CoscribeEvents {}
}

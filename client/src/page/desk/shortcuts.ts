/** What the keys of the page do. */
export interface ShortcutActions {
  readonly find: () => void
  readonly preview: () => void
  readonly help: () => void
}

/**
 * Listens to the keys of the whole page until the returned function is called: Ctrl-F finds, Ctrl-Shift-M shows the
 * preview, F1 helps, and so does Ctrl-/ where the text has no comments, and ? where nobody writes.
 *
 * What something nearer has used, and what belongs to a dialog, is left alone; so the second Ctrl-F is the browser's.
 */
export function listenForShortcuts(window: Window, actions: ShortcutActions): () => void {
  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    const action = actionOf(event)
    if (action === null || window.document.querySelector('dialog:modal') !== null) return
    event.preventDefault()
    actions[action]()
  }
  window.addEventListener('keydown', listen)
  return () => window.removeEventListener('keydown', listen)
}

function actionOf(event: KeyboardEvent): keyof ShortcutActions | null {
  const { key, altKey, shiftKey } = event
  if (altKey) return null
  if (!event.ctrlKey && !event.metaKey) {
    const asks = key === 'F1' || (key === '?' && !isWriting(event))
    return asks ? 'help' : null
  }
  if (key === '/') return 'help'
  if (key.toLowerCase() === 'm' && shiftKey) return 'preview'
  return key.toLowerCase() === 'f' && !shiftKey && !isFinding(event) ? 'find' : null
}

/** Where a letter is a letter. */
function isWriting(event: KeyboardEvent): boolean {
  const [target] = event.composedPath()
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  )
}

function isFinding(event: KeyboardEvent): boolean {
  return event
    .composedPath()
    .some((place) => place instanceof Element && place.getAttribute('role') === 'search')
}

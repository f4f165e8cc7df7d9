export interface DropListener {
  /** Files are held over the window, or not any more. */
  readonly hovered: (hovered: boolean) => void
  readonly dropped: (files: readonly File[]) => void
}

/**
 * Takes files that are dropped anywhere on a window, until the returned function is called. Without it the browser
 * would leave the page for the file. Not while a dialog asks for something.
 */
export function dropZone(window: Window, { hovered, dropped }: DropListener): () => void {
  // Entering an element comes before leaving the one around it.
  let depth = 0
  const leave = (): void => {
    depth = 0
    hovered(false)
  }
  const isBusy = (): boolean => window.document.querySelector('dialog:modal') !== null
  const enter = (event: DragEvent): void => {
    if (!hasFiles(event) || isBusy()) return
    if (depth++ === 0) hovered(true)
  }
  const exit = (event: DragEvent): void => {
    if (hasFiles(event) && depth > 0 && --depth === 0) hovered(false)
  }
  const over = (event: DragEvent): void => {
    if (!hasFiles(event)) return
    event.preventDefault()
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = isBusy() ? 'none' : 'copy'
  }
  const drop = (event: DragEvent): void => {
    if (!hasFiles(event)) return
    event.preventDefault()
    // The editor would read it by itself, whatever it is.
    event.stopPropagation()
    leave()
    if (!isBusy()) dropped([...(event.dataTransfer?.files ?? [])])
  }
  const listeners = { dragenter: enter, dragleave: exit, dragover: over, drop } as const
  const capture = true
  for (const [name, listener] of Object.entries(listeners)) {
    window.addEventListener(name as 'drop', listener, { capture })
  }
  return () => {
    for (const [name, listener] of Object.entries(listeners)) {
      window.removeEventListener(name as 'drop', listener, { capture })
    }
  }
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true
}

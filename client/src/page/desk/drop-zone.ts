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
  const isBusy = (): boolean => window.document.querySelector('dialog:modal') !== null
  // Told again and again while files are held over the window. Counting what is entered and left would not do: an
  // element that somebody else's edit takes away under the pointer is never left.
  const over = (event: DragEvent): void => {
    if (!hasFiles(event)) return
    event.preventDefault()
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = isBusy() ? 'none' : 'copy'
    hovered(!isBusy())
  }
  const leave = (event: DragEvent): void => {
    // Into no other element: out of the window, or given up.
    if (hasFiles(event) && event.relatedTarget === null) hovered(false)
  }
  const drop = (event: DragEvent): void => {
    if (!hasFiles(event)) return
    event.preventDefault()
    // The editor would read it by itself, whatever it is.
    event.stopPropagation()
    hovered(false)
    if (!isBusy()) dropped([...(event.dataTransfer?.files ?? [])])
  }
  const listeners = { dragover: over, dragleave: leave, drop } as const
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

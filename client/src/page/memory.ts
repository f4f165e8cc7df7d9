/** What the page remembers of its reader: small strings, in this browser only. */
export interface Memory {
  read(name: string): string | null
  write(name: string, value: string): void
}

const PREFIX = 'coscribe.'

/** Remembers nothing. */
export const noMemory: Memory = { read: () => null, write: () => undefined }

/** Calls `changed` when another tab of this browser has remembered something, until the returned function is called. */
export function onRemembered(page: Window, changed: () => void): () => void {
  page.addEventListener('storage', changed)
  return () => page.removeEventListener('storage', changed)
}

/** `localStorage`, or nothing where it is switched off: the page then forgets, and works. */
export const browserMemory: Memory = {
  read(name) {
    try {
      return localStorage.getItem(PREFIX + name)
    } catch {
      // Storage is forbidden here.
      return null
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(PREFIX + name, value)
    } catch {
      // Forbidden or full; a forgotten name is no loss worth a word.
    }
  },
}

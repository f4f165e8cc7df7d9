import type { Outside } from './selected.js'

/** Which editor of a room is open, for hooks that belong to it: the last one that was opened. */
export class OpenEditor<Handle> implements Outside<Handle | null> {
  readonly #listeners = new Set<() => void>()
  #open: readonly Handle[] = []

  get(): Handle | null {
    return this.#open.at(-1) ?? null
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  /** Returns what is to be called when it is closed. */
  opened(handle: Handle): () => void {
    this.#set([...this.#open, handle])
    return () => this.#set(this.#open.filter((other) => other !== handle))
  }

  #set(open: readonly Handle[]): void {
    this.#open = open
    for (const listener of this.#listeners) listener()
  }
}

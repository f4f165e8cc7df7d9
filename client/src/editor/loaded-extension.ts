import { Compartment, type Extension } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { ExtensionLoader } from './editor-options.js'

/** What an extension was wanted for: a name, and what brings it. */
interface Wanted {
  readonly name: string | undefined
  readonly loader: ExtensionLoader | undefined
}

/** An extension that is loaded when it is wanted: a language, or somebody's keys. */
export class LoadedExtension {
  readonly #compartment = new Compartment()
  readonly #plain: string
  readonly #failed: (name: string, error: unknown) => void
  #wanted: Wanted = { name: undefined, loader: undefined }

  /**
   * @param plain the name for which nothing has to be loaded
   * @param failed told when something could not be loaded; the editor goes on without it
   */
  constructor(plain: string, failed: (name: string, error: unknown) => void) {
    this.#plain = plain
    this.#failed = failed
  }

  /** Its place among the extensions of an editor. */
  extension(): Extension {
    return this.#compartment.of([])
  }

  /** Loads what is wanted now, unless it was before. */
  want(view: EditorView, name: string | undefined, loader: ExtensionLoader | undefined): void {
    const before = this.#wanted
    if (before.name === name && before.loader === loader) return
    const wanted: Wanted = { name, loader }
    this.#wanted = wanted
    const isPlain = name === undefined || name === '' || name === this.#plain
    if (isPlain || loader === undefined) return this.#use(view, [])
    this.#bring(name, loader).then(
      (extension) => {
        // Something else may have been wanted meanwhile.
        if (this.#wanted === wanted) this.#use(view, extension)
      },
      (error: unknown) => {
        if (this.#wanted !== wanted) return
        this.#use(view, [])
        this.#failed(name, error)
      },
    )
  }

  /** Nothing that is still on its way arrives. */
  stop(): void {
    this.#wanted = { name: undefined, loader: undefined }
  }

  async #bring(name: string, loader: ExtensionLoader): Promise<Extension> {
    return loader(name)
  }

  #use(view: EditorView, extension: Extension): void {
    const current = this.#compartment.get(view.state)
    if (current === extension || (isNothing(current) && isNothing(extension))) return
    view.dispatch({ effects: this.#compartment.reconfigure(extension) })
  }
}

function isNothing(extension: Extension | undefined): boolean {
  return Array.isArray(extension) && extension.length === 0
}

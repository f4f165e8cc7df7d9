import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import type { Off } from '@coscribe/shared'
import { undoDepth, type UndoDepth } from '../../codemirror/index.js'
import {
  languageOfFile,
  loadLanguage,
  textLanguages,
  type TextLanguage,
} from '../../editor/languages.js'
import type { Phrases } from '../../phrases/phrases.js'
import type { Room } from '../../room.js'
import { canWrite } from '../../sync-status.js'
import type { Memory } from '../memory.js'
import { words } from '../words.js'
import { appearance, EditorExtras } from './editor-extras.js'
import { loadKeys } from './key-tables.js'
import { rememberedLanguage, rememberLanguage } from './language-memory.js'
import {
  rememberedSettings,
  rememberSettings,
  sameSettings,
  textSizes,
  type Settings,
} from './settings.js'

/** What stands beside the text. */
export type SidePanel = 'preview'

export interface DeskSetup {
  readonly room: Room
  readonly memory: Memory
  /** Where the size of the text is set. */
  readonly root: HTMLElement
  /** Says something to who listens to the page. */
  readonly say: (text: string) => void
}

/** Something that a person has to be told, until they have read it. */
export interface DeskNote {
  readonly heading: string
  readonly text: string
}

/** What may be loaded, by its names. */
type LoadedParts = Phrases['desk']['notLoaded']

/** Of more that waits to be read the first ones are enough. */
const MAX_NOTES = 10

const nothingToUndo: UndoDepth = { canUndo: false, canRedo: false }

/**
 * What one does with one document on the page: its language, what is beside it, how it is shown and written. The
 * elements of this folder show it, and are told when it changes.
 */
export class Desk {
  readonly room: Room
  readonly memory: Memory
  readonly #setup: DeskSetup
  readonly #extras = new EditorExtras()
  readonly #listeners = new Set<() => void>()
  #settings: Settings
  #keys: Settings['keys'] = 'plain'
  #title = ''
  /** The language that was chosen, or `null` while the title says which it is. */
  #chosen: TextLanguage | null
  #language: TextLanguage = 'text'
  #grammar: Extension = []
  #side: SidePanel | null = null
  /** What is to be read, the first one first. */
  #notes: readonly DeskNote[] = []
  #depth = nothingToUndo
  #locked: Desk['locked']
  readonly #off: Off

  constructor(setup: DeskSetup) {
    this.#setup = setup
    this.room = setup.room
    this.memory = setup.memory
    this.#settings = rememberedSettings(setup.memory)
    this.#chosen = rememberedLanguage(setup.memory, setup.room.documentId)
    this.#extras.set(
      'watch',
      EditorView.updateListener.of(({ docChanged }) => {
        // What can be undone is counted once the change is over.
        if (docChanged) queueMicrotask(() => this.#countUndo())
      }),
    )
    this.#locked = this.locked
    this.#off = setup.room.on('status', () => {
      if (this.locked !== this.#locked) this.#tell()
    })
    this.#apply(this.#settings)
    void this.#speak()
  }

  /** Lets go of the room. Harmless when called twice. */
  destroy(): void {
    this.#off()
    this.#listeners.clear()
  }

  /** Calls `listener` when something changed, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The page has been drawn: which editor is on it, and what the document is called. */
  drawn(view: EditorView | null, title: string): void {
    const isNew = view !== this.#extras.view
    this.#extras.use(view)
    if (isNew) this.#tell()
    if (title === this.#title) return
    this.#title = title
    void this.#speak()
  }

  get view(): EditorView | null {
    return this.#extras.view
  }

  get title(): string {
    return this.#title
  }

  /** Why nothing can be put into the text at the moment, or `null`. */
  get locked(): 'notHere' | 'readOnly' | null {
    const { save, access } = this.room.status
    if (this.view === null || save === 'loading') return 'notHere'
    return access !== null && !canWrite(access) ? 'readOnly' : null
  }

  get language(): TextLanguage {
    return this.#language
  }

  /** Chooses the document's language on this device. */
  chooseLanguage(language: TextLanguage): void {
    this.#chosen = language
    rememberLanguage(this.memory, this.room.documentId, language)
    void this.#speak()
  }

  get settings(): Settings {
    return this.#settings
  }

  /** Changes and remembers the settings that are named. */
  change(settings: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...settings }
    rememberSettings(this.memory, this.#settings)
    this.#apply(this.#settings)
    this.#tell()
  }

  /** Takes over what another tab has remembered; else the next choice here would take that one back. */
  recall(): void {
    const settings = rememberedSettings(this.memory)
    if (sameSettings(settings, this.#settings)) return
    this.#settings = settings
    this.#apply(settings)
    this.#tell()
  }

  get side(): SidePanel | null {
    return this.#side
  }

  /** Shows something beside the text, or nothing. */
  showSide(side: SidePanel | null): void {
    this.#side = side
    this.#tell()
  }

  get note(): DeskNote | null {
    return this.#notes[0] ?? null
  }

  /** Tells something that has to be read, after what was told before. */
  tell(note: DeskNote): void {
    const isKnown = this.#notes.some(
      ({ heading, text }) => heading === note.heading && text === note.text,
    )
    if (!isKnown) this.#notes = [...this.#notes, note].slice(0, MAX_NOTES)
    this.#tell()
  }

  /** What was told first has been read. */
  read(): void {
    this.#notes = this.#notes.slice(1)
    this.#tell()
  }

  say(text: string): void {
    this.#setup.say(text)
  }

  get undoDepth(): UndoDepth {
    return this.#depth
  }

  /** Opens the panel that finds and replaces. */
  async find(): Promise<void> {
    const finding = await this.load(
      ({ find }) => find,
      () => import('../../editor/find/find.js'),
    )
    const { view } = this
    if (finding === null || view === null) return
    this.#extras.set('find', finding.find)
    finding.openFind(view)
  }

  /**
   * Loads a part of the page; when it cannot be had, tells what it is, if it `isWanted` still, and resolves to `null`.
   */
  async load<Part>(
    what: (parts: LoadedParts) => string,
    load: () => Promise<Part>,
    isWanted = (): boolean => true,
  ): Promise<Part | null> {
    try {
      return await load()
    } catch {
      // No network and never used before, or of a version that the server does not have any more.
      if (!isWanted()) return null
      const { notLoaded } = words().desk
      this.tell({ heading: notLoaded.heading(what(notLoaded)), text: notLoaded.text })
      return null
    }
  }

  #apply(settings: Settings): void {
    this.#setup.root.style.setProperty('--text-size', `${textSizes[settings.textSize]}rem`)
    this.#extras.set('appearance', appearance(settings))
    void this.#indent()
    void this.#useKeys(settings.keys)
  }

  /** Loads the keys once for each choice: what cannot be loaded is not told again with every other setting. */
  async #useKeys(chosen: Settings['keys']): Promise<void> {
    if (chosen === this.#keys) return
    this.#keys = chosen
    const editor = words().settings.keyTables[chosen]
    // Others may have been chosen meanwhile.
    const isWanted = (): boolean => this.#keys === chosen
    const keys = await this.load(
      (parts) => parts.keys(editor),
      () => loadKeys(chosen),
      isWanted,
    )
    if (keys !== null && isWanted()) this.#extras.set('keys', keys)
  }

  async #speak(): Promise<void> {
    const language = this.#chosen ?? languageOfFile(this.#title)
    if (language === this.#language) return
    this.#language = language
    this.#tell()
    // Another one may have been chosen meanwhile.
    const isWanted = (): boolean => this.#language === language
    const extension = await this.load(grammarOf(language), () => loadLanguage(language), isWanted)
    if (!isWanted()) return
    this.#language = extension === null ? 'text' : language
    this.#grammar = extension ?? []
    await this.#indent()
    this.#tell()
  }

  /** Lines of a language are indented as wide as a tab; what says so is loaded with it. */
  async #indent(): Promise<void> {
    const grammar = this.#grammar
    const language = this.#language
    const isWanted = (): boolean => this.#grammar === grammar
    const part =
      language === 'text'
        ? null
        : await this.load(grammarOf(language), () => import('./indentation.js'), isWanted)
    if (!isWanted()) return
    const indentation = part === null ? [] : part.indentation(this.#settings.tabSize)
    this.#extras.set('language', [grammar, indentation])
  }

  #countUndo(): void {
    const { view } = this
    const { canUndo, canRedo } = view === null ? nothingToUndo : undoDepth(view)
    if (canUndo === this.#depth.canUndo && canRedo === this.#depth.canRedo) return
    this.#depth = { canUndo, canRedo }
    this.#tell()
  }

  #tell(): void {
    this.#locked = this.locked
    for (const listener of this.#listeners) listener()
  }
}

/** The colours of a language, by their name. */
function grammarOf(language: TextLanguage): (parts: LoadedParts) => string {
  const [, label = ''] = textLanguages.find(([name]) => name === language) ?? []
  return ({ grammar }) => grammar(label)
}

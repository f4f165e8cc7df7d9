import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { elementPhrasesOf, loadElementPhrases } from '../phrases/element-languages.js'
import { englishElements } from '../phrases/en/elements.js'
import { languageFor, type Language } from '../phrases/language-table.js'
import type { ElementPhrases } from '../phrases/phrases.js'
import { languageOf, onLanguage } from './language-of.js'

/**
 * The words of an element in the language of the place where it is: that of the nearest `lang` attribute. English until
 * they are loaded, or when they cannot be.
 */
export class WordsAround implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element
  #phrases: ElementPhrases = englishElements
  #language: Language = 'en'
  #stop: (() => void) | null = null

  /** @param host is updated when there are other words */
  constructor(host: ReactiveControllerHost & Element) {
    this.#host = host
    host.addController(this)
  }

  get phrases(): ElementPhrases {
    return this.#phrases
  }

  hostConnected(): void {
    this.#stop?.()
    this.#stop = onLanguage(this.#host, () => this.#look())
    this.#look()
  }

  hostDisconnected(): void {
    this.#stop?.()
    this.#stop = null
  }

  #look(): void {
    const language = languageFor([languageOf(this.#host)])
    if (language === this.#language) return
    this.#language = language
    const here = elementPhrasesOf(language)
    if (here !== null) return this.#use(here)
    loadElementPhrases(language).then(
      (phrases) => {
        // Another language may have been asked for meanwhile.
        if (this.#language === language) this.#use(phrases)
      },
      () => this.#notLoaded(language),
    )
  }

  /** The next look tries again. */
  #notLoaded(language: Language): void {
    if (this.#language !== language) return
    this.#language = 'en'
    this.#use(englishElements)
  }

  #use(phrases: ElementPhrases): void {
    if (phrases === this.#phrases) return
    this.#phrases = phrases
    this.#host.requestUpdate()
  }
}

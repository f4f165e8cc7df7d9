import { systemClock, type Cancel } from '@coscribe/shared'
import type { ReactiveControllerHost } from 'lit'
import { english } from '../phrases/en/index.js'
import { isLanguage, languageFor, languages, type Language } from '../phrases/language-table.js'
import { loadPhrases } from '../phrases/languages.js'
import type { Phrases } from '../phrases/phrases.js'
import type { Memory } from './memory.js'

const REMEMBERED = 'language'
/** A page in English now is better than one in another language later. */
const PATIENCE_MS = 2_000

let current: Phrases = english
/** The language that was asked for last. */
let wanted: Language = 'en'
const listeners = new Set<() => void>()

/** The page's words in the language that it speaks now. */
export function words(): Phrases {
  return current
}

/** Calls `listener` when the page speaks another language, until the returned function is called. */
export function onWords(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The language that was chosen here, or `null` when it is the browser's. */
export function chosenLanguage(memory: Memory): Language | null {
  const remembered = memory.read(REMEMBERED) ?? ''
  return isLanguage(remembered) ? remembered : null
}

/**
 * Chooses and remembers the page's language; `null` is the browser's. Resolves when the page speaks it, or when it
 * cannot and stays as it is.
 */
export function chooseLanguage(
  root: HTMLElement,
  memory: Memory,
  language: Language | null,
): Promise<void> {
  memory.write(REMEMBERED, language ?? '')
  return speak(root, language ?? languageFor(navigator.languages))
}

/** Speaks the language that was chosen, or the browser's. Resolves as soon as the page can be shown. */
export async function beginToSpeak(root: HTMLElement, memory: Memory): Promise<void> {
  const speaking = speak(root, chosenLanguage(memory) ?? languageFor(navigator.languages))
  await new Promise<void>((resolve) => {
    const stopWaiting = systemClock.after(PATIENCE_MS, resolve)
    void speaking.then(() => {
      stopWaiting()
      resolve()
    })
  })
}

/** Goes over to the language that another tab of this browser has chosen. */
export async function followChoice(root: HTMLElement, memory: Memory): Promise<void> {
  const language = chosenLanguage(memory) ?? languageFor(navigator.languages)
  if (language !== wanted) await speak(root, language)
}

/** Never rejects. */
async function speak(root: HTMLElement, language: Language): Promise<void> {
  wanted = language
  try {
    const phrases = await loadPhrases(language)
    // Another one may have been asked for meanwhile.
    if (wanted === language) use(root, language, phrases)
  } catch {
    // No network, and not in the kept shell: the page goes on in the language that it has.
  }
}

function use(root: HTMLElement, language: Language, phrases: Phrases): void {
  current = phrases
  root.lang = language
  root.dir = languages[language].direction
  for (const listener of listeners) listener()
}

/** Renders an element of the page anew when the page speaks another language. To be called in its constructor. */
export function followWords(host: ReactiveControllerHost): void {
  let stop: Cancel | null = null
  host.addController({
    hostConnected() {
      stop?.()
      stop = onWords(() => host.requestUpdate())
      // Another one may have been spoken while the element was nowhere.
      host.requestUpdate()
    },
    hostDisconnected() {
      stop?.()
    },
  })
}

import { english } from './en/index.js'
import type { Language } from './language-table.js'
import type { Phrases } from './phrases.js'

const loaders: Readonly<Record<Language, () => Promise<Phrases>>> = {
  en: () => Promise.resolve(english),
  // Whoever reads English need not load it.
  de: async () => (await import('./de/index.js')).german,
}

const loaded = new Map<Language, Phrases>([['en', english]])

/** The words of a language. Rejects when they cannot be loaded; asked again, it tries again. */
export async function loadPhrases(language: Language): Promise<Phrases> {
  const phrases = await loaders[language]()
  loaded.set(language, phrases)
  return phrases
}

/** The words of a language if they are here already, which English always is. */
export function phrasesOf(language: Language): Phrases | null {
  return loaded.get(language) ?? null
}

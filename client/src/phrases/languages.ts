import { english } from './en/index.js'
import type { Language } from './language-table.js'
import type { Phrases } from './phrases.js'

const loaders: Readonly<Record<Language, () => Promise<Phrases>>> = {
  en: () => Promise.resolve(english),
  // Whoever reads English need not load it.
  de: async () => (await import('./de/index.js')).german,
}

/** The words of a language. Rejects when they cannot be loaded; asked again, it tries again. */
export function loadPhrases(language: Language): Promise<Phrases> {
  return loaders[language]()
}

import { englishElements } from './en/elements.js'
import type { Language } from './language-table.js'
import type { ElementPhrases } from './phrases.js'

const loaders: Readonly<Record<Language, () => Promise<ElementPhrases>>> = {
  en: () => Promise.resolve(englishElements),
  // Whoever reads English need not load it.
  de: async () => (await import('./de/elements.js')).germanElements,
}

const loaded = new Map<Language, ElementPhrases>([['en', englishElements]])

/** What the elements say in a language. Rejects when it cannot be loaded; asked again, it tries again. */
export async function loadElementPhrases(language: Language): Promise<ElementPhrases> {
  const phrases = await loaders[language]()
  loaded.set(language, phrases)
  return phrases
}

/** What the elements say in a language if it is here already, which English always is. */
export function elementPhrasesOf(language: Language): ElementPhrases | null {
  return loaded.get(language) ?? null
}

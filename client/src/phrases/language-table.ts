interface LanguageEntry {
  /** In the language itself. */
  readonly name: string
  readonly direction: 'ltr' | 'rtl'
}

const table = {
  en: { name: 'English', direction: 'ltr' },
  de: { name: 'Deutsch', direction: 'ltr' },
} as const satisfies Readonly<Record<string, LanguageEntry>>

/** A language that there are words in: a BCP 47 language subtag. */
export type Language = keyof typeof table

/** The languages that there are words in, for somebody to choose from. */
export const languages: Readonly<Record<Language, LanguageEntry>> = table

/**
 * The first of the wanted languages that there are words in, or English.
 *
 * @param wanted BCP 47 tags, the most wanted first; anything else in it is passed over
 */
export function languageFor(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const subtag = tag.split('-', 1)[0]?.toLowerCase() ?? ''
    if (isLanguage(subtag)) return subtag
  }
  return 'en'
}

/** Whether there are words in it. */
export function isLanguage(subtag: string): subtag is Language {
  return Object.hasOwn(table, subtag)
}

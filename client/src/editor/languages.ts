import type { Extension } from '@codemirror/state'

interface LanguageEntry {
  /** Its proper name, the same in every language of people. */
  readonly label: string
  /** How names of its files end. */
  readonly endings: readonly string[]
  readonly load: () => Promise<Extension>
}

// Each is a chunk of its own, loaded when somebody writes in it. Markdown has a light way of its own: the package's
// ready-made one brings the grammars of HTML, CSS and JavaScript with it.
const table = {
  markdown: {
    label: 'Markdown',
    endings: ['md', 'markdown'],
    load: async () => (await import('./languages/markdown.js')).markdown,
  },
  javascript: {
    label: 'JavaScript',
    endings: ['js', 'mjs', 'cjs', 'jsx'],
    load: async () => (await import('@codemirror/lang-javascript')).javascript({ jsx: true }),
  },
  typescript: {
    label: 'TypeScript',
    endings: ['ts', 'mts', 'cts', 'tsx'],
    load: async () =>
      (await import('@codemirror/lang-javascript')).javascript({ jsx: true, typescript: true }),
  },
  json: {
    label: 'JSON',
    endings: ['json'],
    load: async () => (await import('@codemirror/lang-json')).json(),
  },
  yaml: {
    label: 'YAML',
    endings: ['yaml', 'yml'],
    load: async () => (await import('@codemirror/lang-yaml')).yaml(),
  },
  html: {
    label: 'HTML',
    endings: ['html', 'htm'],
    load: async () => (await import('@codemirror/lang-html')).html({ autoCloseTags: false }),
  },
  css: {
    label: 'CSS',
    endings: ['css'],
    load: async () => (await import('@codemirror/lang-css')).css(),
  },
  python: {
    label: 'Python',
    endings: ['py'],
    load: async () => (await import('@codemirror/lang-python')).python(),
  },
  sql: {
    label: 'SQL',
    endings: ['sql'],
    load: async () => (await import('@codemirror/lang-sql')).sql(),
  },
  java: {
    label: 'Java',
    endings: ['java'],
    load: async () => (await import('@codemirror/lang-java')).java(),
  },
} as const satisfies Readonly<Record<string, LanguageEntry>>

/** A language that a text can be written in; `text` is none of them. */
export type TextLanguage = 'text' | keyof typeof table

const entries: Readonly<Record<string, LanguageEntry>> = table

/** The languages beside plain text, and their proper names, in the order to offer them in. */
export const textLanguages: readonly (readonly [TextLanguage, string])[] = Object.entries(
  entries,
).map(([name, { label }]) => [name as TextLanguage, label])

/** Whether there is a language of this name. */
export function isTextLanguage(name: string): name is TextLanguage {
  return name === 'text' || Object.hasOwn(entries, name)
}

/** The language of a file, or of a document that is called like one; `text` when its name says nothing. */
export function languageOfFile(fileName: string): TextLanguage {
  const ending = /\.([a-z]+)\s*$/i.exec(fileName)?.[1]?.toLowerCase()
  const found = Object.entries(entries).find(([, { endings }]) => endings.includes(ending ?? ''))
  return (found?.[0] ?? 'text') as TextLanguage
}

/**
 * Highlighting, indentation and brackets for a language, as an extension. Rejects when they cannot be loaded; asked
 * again, it tries again.
 *
 * @throws RangeError for a name that is none
 */
export async function loadLanguage(name: string): Promise<Extension> {
  if (!isTextLanguage(name)) throw new RangeError(`no language is called ${name}`)
  const entry = entries[name]
  if (entry === undefined) return []
  const [language, { highlighting, codeTyping }] = await Promise.all([
    entry.load(),
    import('./languages/highlighting.js'),
  ])
  return [language, highlighting, name === 'markdown' ? [] : codeTyping]
}

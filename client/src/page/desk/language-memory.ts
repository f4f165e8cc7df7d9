import { isTextLanguage, type TextLanguage } from '../../editor/languages.js'
import type { Memory } from '../memory.js'

const REMEMBERED = 'text-languages'
/** Documents whose language is remembered; the one that was chosen longest ago goes. */
const MAX_DOCUMENTS = 200

type Choice = readonly [documentId: string, language: TextLanguage]

/** The language that was chosen for a document on this device, or `null`. */
export function rememberedLanguage(memory: Memory, documentId: string): TextLanguage | null {
  return choicesIn(memory).find(([id]) => id === documentId)?.[1] ?? null
}

export function rememberLanguage(memory: Memory, documentId: string, chosen: TextLanguage): void {
  const others = choicesIn(memory).filter(([id]) => id !== documentId)
  const kept: readonly Choice[] = [...others, [documentId, chosen] as const].slice(-MAX_DOCUMENTS)
  memory.write(REMEMBERED, JSON.stringify(kept))
}

function choicesIn(memory: Memory): readonly Choice[] {
  try {
    const value: unknown = JSON.parse(memory.read(REMEMBERED) ?? '[]')
    return Array.isArray(value) ? value.filter(isChoice) : []
  } catch {
    // Somebody else's text under our name.
    return []
  }
}

function isChoice(value: unknown): value is Choice {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [id, language] = value as readonly unknown[]
  return typeof id === 'string' && typeof language === 'string' && isTextLanguage(language)
}

import type { ElementPhrases } from '../phrases/phrases.js'
import { reasonOf } from '../phrases/reasons.js'
import type { RoomFault } from '../room-error.js'
import type { RoomStatus } from '../sync-status.js'

/** Why nothing of a document can be shown, in a sentence, or `null` where it is here or may still come. */
export function faultOf(
  status: RoomStatus | null,
  mistake: RoomFault | null,
  phrases: ElementPhrases,
): string | null {
  const isShut = status?.save === 'loading' && status.connection === 'closed'
  const fault = mistake ?? (isShut ? status.error : null)
  if (fault === null) return null
  return phrases.embed.cannotOpen(reasonOf(fault, phrases.status.reasons))
}

/** What the page's author did wrong, as what it is for people: a document that cannot be opened. */
export function mistakeFrom(error: unknown): RoomFault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'bad-option'
  const message = error instanceof Error ? error.message : String(error)
  return { code, message, retryable: false }
}

/** The words of an attribute such as `features`. */
export function wordsOf(list: string | null | undefined): ReadonlySet<string> {
  return new Set((list ?? '').split(/\s+/).filter((word) => word !== ''))
}

/** Whether there is something to be seen in a slot. */
export function isFilled(slot: HTMLSlotElement): boolean {
  const nodes = slot.assignedNodes({ flatten: true })
  return nodes.some((node) => node instanceof Element || (node.textContent ?? '').trim() !== '')
}

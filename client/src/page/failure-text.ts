import { reasonOf } from '../phrases/reasons.js'
import type { Failure } from './api-client.js'
import { sentence } from './sign-in.js'
import { words } from './words.js'

/** Why the server did not do what it was asked, as a sentence for people. */
export function failureText(failure: Failure): string {
  const { home, status } = words()
  if (failure.kind === 'unreachable') return home.unreachable
  const { code } = failure.fault
  const own: Readonly<Record<string, string>> = home.problems
  return sentence(
    Object.hasOwn(own, code) ? (own[code] ?? '') : reasonOf(failure.fault, status.reasons),
  )
}

/** Whether the server does not know who asks, or does not any more. */
export function isUnknownHere(failure: Failure): boolean {
  return failure.kind === 'refused' && failure.status === 401
}

import type { Access } from '@coscribe/shared'
import { isAccess } from './levels.js'
import { isName } from './names.js'

/** What a webhook says of a credential. */
export interface WebhookAnswer {
  readonly subject: string
  readonly access: Access
  /** Wall-clock milliseconds. */
  readonly expiresAt: number
  readonly tokenId: string
}

const KNOWN: ReadonlySet<string> = new Set(['subject', 'access', 'expiresAt', 'tokenId'])
/** The last moment that a date can name. */
const MAX_MS = 8.64e15

/**
 * An answer, as strictly as a token's claims are read: what is misspelt, of another type or unknown is no answer.
 *
 * @throws Error, with the name of what is wrong and nothing of the answer
 */
export function webhookAnswer(text: string): WebhookAnswer {
  const answer = objectIn(text)
  const { subject, access, expiresAt, tokenId = '' } = answer
  if (!isName(subject)) throw unusable('subject')
  if (!isAccess(access)) throw unusable('access')
  if (typeof expiresAt !== 'number' || !(expiresAt > 0 && expiresAt <= MAX_MS)) {
    throw unusable('expiresAt')
  }
  if (tokenId !== '' && !isName(tokenId)) throw unusable('tokenId')
  if (!Object.keys(answer).every((key) => KNOWN.has(key))) throw unusable('an unknown property')
  return { subject, access, expiresAt: Math.floor(expiresAt), tokenId }
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    // The error would repeat what came.
    throw unusable('its JSON')
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw unusable('its JSON')
  }
  return answer as Record<string, unknown>
}

function unusable(what: string): Error {
  return new Error(`the answer of the webhook cannot be used: ${what}`)
}

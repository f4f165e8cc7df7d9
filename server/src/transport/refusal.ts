import type { CloseName } from '@coscribe/shared'
import type { Identity } from '../auth/authenticator.js'

/** Why somebody does not get in, as a close code and a sentence. */
export interface Refusal {
  readonly name: CloseName
  readonly reason: string
  /** Whose credential it was, where that is good but for this. */
  readonly identity?: Identity
}

/** Whether an outcome is a refusal. */
export function isRefusal(outcome: object | string | null): outcome is Refusal {
  return typeof outcome === 'object' && outcome !== null && 'name' in outcome && 'reason' in outcome
}

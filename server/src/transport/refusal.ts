import type { CloseName } from '@coscribe/shared'

/** Why somebody does not get in, as a close code and a sentence. */
export interface Refusal {
  readonly name: CloseName
  readonly reason: string
}

/** Whether an outcome is a refusal. */
export function isRefusal(outcome: object | string | null): outcome is Refusal {
  return typeof outcome === 'object' && outcome !== null && 'name' in outcome && 'reason' in outcome
}

import { closeCodes, errorCodes, type CloseName, type ErrorCode } from '@coscribe/shared'
import { Registry, type Counter } from './registry.js'

const limits = [
  'connections',
  'connections-per-address',
  'connections-per-user',
  'connections-per-document',
  'channels',
  'strangers',
  'stranger-bytes',
  'inbound-bytes',
  'updates',
  'presence',
  'questions',
  'new-clients',
  'renames',
] as const

/** A limit whose being met is counted. */
export type LimitName = (typeof limits)[number]

/**
 * What a server counts about itself. No label has a value that a client chooses: nothing of a document, a person or a
 * credential is among the numbers, and their list never grows.
 */
export class Metrics {
  readonly registry = new Registry()
  readonly #refusals: Counter<CloseName | 'http'>
  readonly #rejections: Counter<ErrorCode>
  readonly #limits: Counter<LimitName>
  #throttledMs = 0

  constructor() {
    const { registry } = this
    this.#refusals = registry.counter(
      'coscribe_refusals_total',
      'Connections and channels that the server closed, by the name of the close code; or upgrades refused by HTTP',
      'reason',
      [...(Object.keys(closeCodes) as CloseName[]), 'http'],
    )
    this.#rejections = registry.counter(
      'coscribe_rejected_edits_total',
      'Edits that were not taken, by error code',
      'code',
      Object.keys(errorCodes) as ErrorCode[],
    )
    this.#limits = registry.counter(
      'coscribe_limit_hits_total',
      'How often a limit was met: a refusal, or a pause in reading',
      'limit',
      limits,
    )
    const help = 'Milliseconds for which connections were not read because they sent too much'
    registry.total('coscribe_throttled_milliseconds_total', help, () => this.#throttledMs)
  }

  /** A connection or channel was closed, or the request for one was refused before there was one (`http`). */
  refused(name: CloseName | 'http'): void {
    this.#refusals.add(name)
  }

  rejected(code: ErrorCode): void {
    this.#rejections.add(code)
  }

  hit(limit: LimitName): void {
    this.#limits.add(limit)
  }

  throttled(ms: number): void {
    this.#throttledMs += Math.round(ms)
  }
}

import { silentLogger, type Logger } from '../../server/src/log.js'

/** What a server says is an error. */
export interface ErrorLog {
  readonly logger: Logger
  /** Each with what caused it, oldest first. */
  readonly errors: readonly string[]
}

/** A logger that keeps errors and nothing else. */
export function errorLog(): ErrorLog {
  const errors: string[] = []
  const error: Logger['error'] = (fields, message) => {
    const cause = fields['err'] ?? fields['error']
    errors.push(cause instanceof Error ? `${message}: ${cause.stack ?? ''}` : message)
  }
  return { logger: { ...silentLogger, error }, errors }
}

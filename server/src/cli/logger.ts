import { destination, pino, stdSerializers } from 'pino'
import { redacted, type Logger } from '../log.js'
import type { Options } from '../options.js'

/** What may wait for a reader of stderr that has stopped; newer messages are dropped above it. */
const MAX_WAITING_BYTES = 1024 * 1024

export interface FlushableLogger extends Logger {
  /** Writes what is waiting, now; for the last words of a process. */
  flush(): void
}

/** Logs JSON lines to stderr; stdout is for programs that start this one. */
export function createLogger(level: Options['logLevel']): FlushableLogger {
  const stderr = destination({ dest: 2, sync: false, maxLength: MAX_WAITING_BYTES })
  const { err } = stdSerializers
  const logger = pino(
    {
      level,
      base: null,
      serializers: { err, error: err },
      hooks: { streamWrite: redacted },
    },
    stderr,
  )
  return {
    error: (fields, message) => logger.error(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    info: (fields, message) => logger.info(fields, message),
    debug: (fields, message) => logger.debug(fields, message),
    flush: () => stderr.flushSync(),
  }
}

import process from 'node:process'
import { destination, pino, stdSerializers } from 'pino'
import { redacted, type Logger } from '../log.js'
import type { Options } from '../options.js'
import { GatheredLines } from './gathered-lines.js'

/** What may wait for a reader of stderr that has stopped; newer messages are dropped above it. */
const MAX_WAITING_BYTES = 1024 * 1024

export interface FlushableLogger extends Logger {
  /** Writes what is waiting, now; for the last words of a process. */
  flush(): void
}

/** Logs JSON lines to stderr; stdout is for programs that start this one. */
export function createLogger(level: Options['logLevel']): FlushableLogger {
  const stderr = destination({ dest: 2, sync: false, maxLength: MAX_WAITING_BYTES })
  const lines = new GatheredLines(stderr)
  // However the process ends, but by a signal that leaves it no time.
  process.once('exit', () => lines.flushSync())
  const { err } = stdSerializers
  const logger = pino(
    {
      level,
      base: null,
      serializers: { err, error: err },
      hooks: { streamWrite: redacted },
    },
    lines,
  )
  return {
    error: (fields, message) => {
      logger.error(fields, message)
      lines.flush()
    },
    warn: (fields, message) => {
      logger.warn(fields, message)
      lines.flush()
    },
    info: (fields, message) => logger.info(fields, message),
    debug: (fields, message) => logger.debug(fields, message),
    flush: () => lines.flushSync(),
  }
}

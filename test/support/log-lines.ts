import { inspect } from 'node:util'
import type { Logger, LogFields } from '@coscribe/server'

/** A log that keeps every line as it was given, with all there is in its fields and before anything is taken out. */
export class LogLines implements Logger {
  readonly lines: string[] = []
  readonly error = this.#level('error')
  readonly warn = this.#level('warn')
  readonly info = this.#level('info')
  readonly debug = this.#level('debug')

  #level(level: string): (fields: LogFields, message: string) => void {
    return (fields, message) => {
      this.lines.push(
        `${level} ${message} ${inspect(fields, { depth: 10, maxStringLength: null })}`,
      )
    }
  }
}

/** Where a server writes what it does: any logger with these four methods, such as pino or console-like wrappers. */
export interface Logger {
  error(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  debug(fields: LogFields, message: string): void
}

/** What a message is about. Never a credential, a secret, a query string or document text. */
export type LogFields = Readonly<Record<string, unknown>>

/** Logs nothing. */
export const silentLogger: Logger = Object.freeze({
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
})

/**
 * A signed token, whole or as the subprotocol that carries it; a ticket; and what an `Authorization` header, a cookie of
 * ours or the query of an address holds.
 */
const CREDENTIAL =
  /eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?|\bcoscribe\.token\.[\w.-]+|\bcst_[\w-]+|\bbearer +[\w.~+/=-]+|(?<=\bcoscribe=|[?&](?:token|ticket)=)[^\s;&"'\\]+/gi

/** A line of a log without credentials: none is ever given to a logger on purpose, and this is for the other times. */
export function redacted(line: string): string {
  return line.replaceAll(CREDENTIAL, '[redacted]')
}

import { CoscribeError } from '@coscribe/shared'
import { isLoopbackHostHeader, isLoopbackOrigin } from './loopback.js'

/** Whose requests are looked at further. */
export interface OriginRules {
  /** Whether everybody who reaches this server may write, so that only this machine may reach it. */
  readonly loopbackOnly: boolean
  /** Sites whose pages may connect, beside the server's own. */
  readonly origins: ReadonlySet<string>
}

/**
 * The origins in a list with commas.
 *
 * @param flag the option's name, for the message
 * @throws CoscribeError `bad-option` for anything but scheme, host and port as browsers send them
 */
export function originsFrom(list: string, flag: string): ReadonlySet<string> {
  const origins = list.split(',').filter((entry) => entry.trim() !== '')
  return new Set(
    origins.map((entry) => {
      const origin = entry.trim()
      if (/^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin) {
        return origin
      }
      const example = 'such as https://app.example or http://localhost:5173'
      throw new CoscribeError('bad-option', `${flag} takes origins ${example}, got "${origin}"`)
    }),
  )
}

/**
 * Whether a page of this `Origin` may open a WebSocket to this `Host`: those of the server itself, those that are
 * named, pages of this machine on this machine, and what is no page.
 */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  { loopbackOnly, origins }: OriginRules,
): boolean {
  if (origin === undefined || origins.has(origin)) return true
  if (isLoopbackHostHeader(host)) return isLoopbackOrigin(origin)
  return !loopbackOnly && isOwnOrigin(origin, host)
}

/**
 * Whether a page of this `Origin` may use the API, and a cookie: those of the server itself and those that are named.
 * Another port of the same machine is another site, although browsers send it the same cookies.
 */
export function isOriginTrusted(
  origin: string,
  host: string | undefined,
  { origins }: OriginRules,
): boolean {
  return origins.has(origin) || isOwnOrigin(origin, host)
}

/** The scheme is left out: in front of this server a proxy may speak https. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && /^https?:\/\/(.+)$/.exec(origin)?.[1] === host.toLowerCase()
}

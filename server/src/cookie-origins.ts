import { CoscribeError } from '@coscribe/shared'
import { flagOf, type Options } from './options.js'
import { isLoopbackHost } from './transport/loopback.js'
import { originsFrom } from './transport/origins.js'

/** Stands for the address that people open. */
export const ORIGIN_EXAMPLE = 'https://docs.example'

/**
 * A browser sends a cookie for whichever page makes it ask. On this machine the server knows its own pages by their
 * address; for one that others reach, the operator has to say what that is.
 *
 * @param address what is listened on
 * @throws CoscribeError `bad-option` with the lines to add
 */
export function checkCookieOrigins(
  { host, cookies, allowedOrigins }: Pick<Options, 'host' | 'cookies' | 'allowedOrigins'>,
  address: string,
): void {
  const [cookiesFlag, originsFlag] = [flagOf('cookies'), flagOf('allowedOrigins')]
  if (cookies === 'off' || isLoopbackHost(address)) return
  if (originsFrom(allowedOrigins, originsFlag).size > 0) return
  throw new CoscribeError(
    'bad-option',
    `with ${flagOf('host')} ${host} the server must know whose pages may use a cookie: add the address that people ` +
      `open, or let nobody in by a cookie:\n\n` +
      `  ${originsFlag} ${ORIGIN_EXAMPLE}\n` +
      `  ${cookiesFlag} off\n`,
  )
}

import { cleanName, isHue } from '../codemirror/peer-state.js'
import type { UserLook } from './resolved-users.js'

/** An address of a picture may be as long; one with the picture in it, too. */
const MAX_ADDRESS = 64 * 1024
const protocols: ReadonlySet<string> = new Set(['https:', 'http:', 'blob:'])

/** What of an answer can be used. It is an application's, and what that has may come from anybody. */
export function lookFrom(user: unknown): UserLook {
  try {
    const { name, hue, avatar } = Object(user) as Readonly<Record<string, unknown>>
    const [shown, picture] = [cleanName(name), pictureFrom(avatar)]
    return {
      ...(shown === '' ? {} : { name: shown }),
      ...(isHue(hue) ? { hue } : {}),
      ...(picture === '' ? {} : { avatar: picture }),
    }
  } catch {
    // The one way to get here: a getter that throws.
    return {}
  }
}

/** The whole address of a picture, or nothing. */
function pictureFrom(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_ADDRESS) return ''
  const base = (globalThis as { document?: { baseURI: string } }).document?.baseURI
  try {
    const { protocol, pathname, href } = new URL(value, base)
    const isPicture = protocol === 'data:' && pathname.startsWith('image/')
    return isPicture || protocols.has(protocol) ? href : ''
  } catch {
    // The one way to get here: it is no address.
    return ''
  }
}

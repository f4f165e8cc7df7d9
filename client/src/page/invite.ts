import { words } from './words.js'

/** Where the token of an invite link stands: behind `#`, which no browser sends to a server or in a `Referer`. */
const PARAMETER = 'token'
/** More than any honest token has. */
const MAX_TOKEN_LENGTH = 8 * 1024
/** What may travel in a header: whatever else is in a token, spaces and line breaks are not. */
const TOKEN = /^[\x21-\x7e]+$/

/** What somebody pasted. */
export type Pasted =
  | { readonly kind: 'token'; readonly token: string }
  /** An invite link to another document of this server. */
  | { readonly kind: 'elsewhere'; readonly address: string }
  | { readonly kind: 'unusable'; readonly reason: string }

/**
 * Takes the token out of the address of an invite link, and out of the browser's history with it. Returns `null` when
 * there is none.
 */
export function takeInvite(location: Location, history: History): string | null {
  const { token, rest } = splitFragment(location.hash)
  if (token === null) return null
  history.replaceState(history.state, '', location.pathname + location.search + rest)
  return usable(token)
}

/** @param here the address of this page */
export function readPasted(text: string, here: string): Pasted {
  const trimmed = text.trim()
  if (trimmed === '') return { kind: 'unusable', reason: words().signIn.pasteSomething }
  if (!/^https?:/i.test(trimmed)) {
    const token = usable(trimmed)
    if (token !== null) return { kind: 'token', token }
    return { kind: 'unusable', reason: words().signIn.neither }
  }
  return URL.canParse(trimmed) ? readLink(new URL(trimmed), new URL(here)) : noInvite()
}

function noInvite(): Pasted {
  return { kind: 'unusable', reason: words().signIn.noInvite }
}

function readLink(link: URL, here: URL): Pasted {
  const { token } = splitFragment(link.hash)
  if (token === null || usable(token) === null) return noInvite()
  if (link.origin !== here.origin) {
    return { kind: 'unusable', reason: words().signIn.otherServer(link.host) }
  }
  if (link.pathname === here.pathname) return { kind: 'token', token }
  return { kind: 'elsewhere', address: link.href }
}

function usable(token: string): string | null {
  return token.length <= MAX_TOKEN_LENGTH && TOKEN.test(token) ? token : null
}

/** The token in a fragment, if it has one, and the fragment without it. */
function splitFragment(hash: string): { readonly token: string | null; readonly rest: string } {
  const parameters = hash.slice(1).split('&')
  const isToken = (parameter: string): boolean => parameter.startsWith(`${PARAMETER}=`)
  const token = parameters.find(isToken)?.slice(PARAMETER.length + 1) ?? null
  const rest = parameters.filter((parameter) => !isToken(parameter)).join('&')
  return { token, rest: rest === '' ? '' : `#${rest}` }
}

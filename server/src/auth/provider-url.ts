import { CoscribeError } from '@coscribe/shared'

/**
 * As the URL parser writes them. Names below `.localhost` are this machine to a browser, and to a resolver whatever it
 * was told.
 */
const THIS_MACHINE = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * The address of a server that decides who gets in: by https, so that nobody on the way decides, or on this machine.
 *
 * @param flag the option's name, for the message
 * @throws CoscribeError `bad-option`, without what the address may have in it of a secret
 */
export function providerUrl(text: string, flag: string): URL {
  if (!URL.canParse(text)) throw unusable(flag)
  const url = new URL(text)
  const isSafe =
    url.protocol === 'https:' || (url.protocol === 'http:' && THIS_MACHINE.test(url.hostname))
  // A name and password in an address end up wherever addresses do.
  if (!isSafe || url.username !== '' || url.password !== '') throw unusable(flag)
  url.hash = ''
  return url
}

function unusable(flag: string): CoscribeError {
  const takes = 'takes an https address without a password, or an http one of this machine'
  return new CoscribeError('bad-option', `${flag} ${takes}`)
}

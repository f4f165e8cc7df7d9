import { readFileSync } from 'node:fs'
import { CoscribeError } from '@coscribe/shared'
import { flagOf, type Options } from '../options.js'
import { publicKeysFrom, secretsFrom, type JwtKey } from './jwt-keys.js'

/** The environment variable of the secret itself. It is no option: options are shown, and typed on command lines. */
export const SECRET_VARIABLE = 'COSCRIBE_AUTH_SECRET'

/**
 * The keys that tokens are verified with; none where no authentication was asked for.
 *
 * @throws CoscribeError `bad-option`
 */
export function configuredKeys(
  { authSecretFile, authKeyFile }: Pick<Options, 'authSecretFile' | 'authKeyFile'>,
  authSecret: string | undefined,
): JwtKey[] {
  if (authSecret !== undefined && authSecretFile !== '') {
    const both = `${SECRET_VARIABLE} and ${flagOf('authSecretFile')}`
    throw new CoscribeError('bad-option', `${both} are two ways to say the same: use one of them`)
  }
  const keys: JwtKey[] = []
  if (authSecret !== undefined) keys.push(...secretsFrom(authSecret, SECRET_VARIABLE))
  if (authSecretFile !== '') keys.push(...secretsFrom(fileText(authSecretFile), authSecretFile))
  if (authKeyFile !== '') keys.push(...publicKeysFrom(fileText(authKeyFile), authKeyFile))
  return keys
}

/** @throws CoscribeError `bad-option` when the file cannot be read */
function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new CoscribeError('bad-option', `${path} cannot be read`, { cause })
  }
}

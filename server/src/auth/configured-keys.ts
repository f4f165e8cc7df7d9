import { readFileSync } from 'node:fs'
import { CoscribeError } from '@coscribe/shared'
import { flagOf, type OptionName, type Options } from '../options.js'
import { publicKeysFrom, secretsFrom, type JwtKey } from './jwt-keys.js'

/** The environment variables of the secrets themselves. They are no options: those are shown, and typed on command lines. */
export const SECRET_VARIABLE = 'COSCRIBE_AUTH_SECRET'
export const WEBHOOK_SECRET_VARIABLE = 'COSCRIBE_AUTH_WEBHOOK_SECRET'

/**
 * The keys that tokens are verified with; none where none are named.
 *
 * @throws CoscribeError `bad-option`
 */
export function configuredKeys(
  { authSecretFile, authKeyFile }: Pick<Options, 'authSecretFile' | 'authKeyFile'>,
  authSecret: string | undefined,
): JwtKey[] {
  const keys = secretsOf(authSecretFile, 'authSecretFile', authSecret, SECRET_VARIABLE)
  if (authKeyFile !== '') keys.push(...publicKeysFrom(fileText(authKeyFile), authKeyFile))
  return keys
}

/**
 * The secrets that questions to a webhook are signed with; none where none are named.
 *
 * @throws CoscribeError `bad-option`
 */
export function webhookSecrets(
  { authWebhookSecretFile }: Pick<Options, 'authWebhookSecretFile'>,
  authWebhookSecret: string | undefined,
): JwtKey[] {
  const name = 'authWebhookSecretFile'
  return secretsOf(authWebhookSecretFile, name, authWebhookSecret, WEBHOOK_SECRET_VARIABLE)
}

function secretsOf(
  file: string,
  name: OptionName,
  text: string | undefined,
  variable: string,
): JwtKey[] {
  if (text !== undefined && file !== '') {
    const both = `${variable} and ${flagOf(name)}`
    throw new CoscribeError('bad-option', `${both} are two ways to say the same: use one of them`)
  }
  if (text !== undefined) return secretsFrom(text, variable)
  return file === '' ? [] : secretsFrom(fileText(file), file)
}

/** @throws CoscribeError `bad-option` when the file cannot be read */
function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new CoscribeError('bad-option', `${path} cannot be read`, { cause })
  }
}

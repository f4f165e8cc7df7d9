import { CoscribeError, type Clock } from '@coscribe/shared'
import type { Logger } from '../log.js'
import { flagOf, type Options } from '../options.js'
import type { Authenticator } from './authenticator.js'
import { configuredKeys, webhookSecrets, WEBHOOK_SECRET_VARIABLE } from './configured-keys.js'
import { Jwks } from './jwks.js'
import { JwtAuthenticator } from './jwt.js'
import { providerUrl } from './provider-url.js'
import { WebhookAuthenticator } from './webhook.js'

/** Secrets of a server. They are no options, since options are shown. */
export interface AuthSecrets {
  /** What would be in the file `authSecretFile`. */
  readonly authSecret?: string
  /** What would be in the file `authWebhookSecretFile`. */
  readonly authWebhookSecret?: string
}

export interface AuthSetup {
  readonly options: Options
  readonly secrets: AuthSecrets
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * How people are let in as the options say: by tokens, for which there may be secrets, public keys and a provider's keys
 * at the same time, or by a webhook; `null` where nobody is asked for anything.
 *
 * @throws CoscribeError `bad-option` for keys that cannot be used, and for options of both ways
 */
export function configuredAuthenticator(setup: AuthSetup): Authenticator | null {
  const tokens = tokenAuthenticator(setup)
  const webhook = webhookAuthenticator(setup)
  if (tokens === null || webhook === null) return tokens ?? webhook
  const keys = ['authSecretFile', 'authKeyFile', 'authJwksUrl'] as const
  throw badOption(
    `${flagOf('authWebhookUrl')} asks an application about tokens, and ${keys.map(flagOf).join(', ')} ` +
      'verify them here: use one of the two',
  )
}

function tokenAuthenticator({ options, secrets, clock, logger }: AuthSetup): Authenticator | null {
  const { authIssuer: issuer, authAudience: audience, authJwksUrl } = options
  const keys = configuredKeys(options, secrets.authSecret)
  if (keys.length === 0 && authJwksUrl === '') return null
  const jwks =
    authJwksUrl === ''
      ? undefined
      : new Jwks({ url: providerUrl(authJwksUrl, flagOf('authJwksUrl')), clock, logger })
  return new JwtAuthenticator({ keys, jwks, issuer, audience, clock, logger })
}

function webhookAuthenticator({ options, secrets, clock }: AuthSetup): Authenticator | null {
  const keys = webhookSecrets(options, secrets.authWebhookSecret).map(({ key }) => key)
  const flag = flagOf('authWebhookUrl')
  const secretFlag = flagOf('authWebhookSecretFile')
  if (options.authWebhookUrl === '') {
    if (keys.length === 0) return null
    throw badOption(`there is a secret for a webhook, and no ${flag}`)
  }
  const url = providerUrl(options.authWebhookUrl, flag)
  if (keys.length > 0) return new WebhookAuthenticator({ url, keys, clock })
  throw badOption(
    `${flag} needs a secret that its questions are signed with, in ${WEBHOOK_SECRET_VARIABLE} or in a file:\n\n` +
      '  openssl rand -base64 48 > webhook.secret\n' +
      `  coscribe serve ${flag} ${url.origin}/… ${secretFlag} webhook.secret\n`,
  )
}

function badOption(message: string): CoscribeError {
  return new CoscribeError('bad-option', message)
}

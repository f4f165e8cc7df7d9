import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, type ServerSetup } from '@coscribe/server'
import { CoscribeError } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { folderForTest } from '../support/test-server.js'
import { OTHER_SECRET, SECRET } from '../support/tokens.js'

const webhook = { authWebhookUrl: 'https://app.example/coscribe', authWebhookSecret: SECRET }
const jwks = { authJwksUrl: 'https://id.example/keys' }

/** Why a server is not made of this, as one sentence and perhaps lines to type. */
function refusal(setup: ServerSetup): string {
  try {
    createServer(setup)
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad-option' })
    return (error as CoscribeError).message
  }
  return ''
}

describe('the ways to let people in', () => {
  const bothWays =
    /--auth-webhook-url asks .*--auth-secret-file, --auth-key-file, --auth-jwks-url.*one of the two/
  it.each<[string, ServerSetup, RegExp]>([
    ['a webhook and a secret for tokens', { ...webhook, authSecret: OTHER_SECRET }, bothWays],
    ['a webhook and the keys of a provider', { ...webhook, ...jwks }, bothWays],
    [
      'a webhook without a secret',
      { authWebhookUrl: webhook.authWebhookUrl },
      /COSCRIBE_AUTH_WEBHOOK_SECRET.*\n\n {2}openssl rand.*\n {2}coscribe serve --auth-webhook-url https:\/\/app\.example\/… --auth-webhook-secret-file webhook\.secret/,
    ],
    ['a secret without a webhook', { authWebhookSecret: SECRET }, /no --auth-webhook-url/],
    [
      'a short secret',
      { ...webhook, authWebhookSecret: 'short' },
      /COSCRIBE_AUTH_WEBHOOK_SECRET holds a secret that is shorter/,
    ],
    [
      'a secret in two places',
      { ...webhook, authWebhookSecretFile: 'x' },
      /COSCRIBE_AUTH_WEBHOOK_SECRET and --auth-webhook-secret-file are two ways/,
    ],
    [
      'a secret in no file',
      { authWebhookUrl: webhook.authWebhookUrl, authWebhookSecretFile: '/nowhere/x' },
      /\/nowhere\/x cannot be read/,
    ],
    [
      'a webhook that everybody can read',
      { ...webhook, authWebhookUrl: 'http://app.example/' },
      /--auth-webhook-url takes an https address/,
    ],
    [
      'keys that everybody can exchange',
      { authJwksUrl: 'http://id.example/keys' },
      /--auth-jwks-url takes an https address/,
    ],
  ])('[A78] %s are refused at the start', (_name, setup, sentence) => {
    const message = refusal({ host: '0.0.0.0', cookies: 'off', ...setup })
    expect(message).toMatch(sentence)
    expect(message).not.toContain(SECRET)
  })

  it('[A78] keys of all three kinds may be there at the same time, and two webhook secrets', () => {
    expect(refusal({ host: '0.0.0.0', cookies: 'off', ...jwks, authSecret: SECRET })).toBe('')
    expect(refusal({ host: '0.0.0.0', cookies: 'off', ...webhook })).toBe('')
    const authWebhookSecretFile = join(folderForTest(), 'webhook.secret')
    writeFileSync(authWebhookSecretFile, `${SECRET}\n${OTHER_SECRET}\n`)
    const { authWebhookUrl } = webhook
    expect(
      refusal({ host: '0.0.0.0', cookies: 'off', authWebhookUrl, authWebhookSecretFile }),
    ).toBe('')
    // The control: without any of them, this host is refused.
    expect(refusal({ host: '0.0.0.0' })).toMatch(/no authentication/)
  })
})

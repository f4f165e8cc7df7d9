import { expect, it } from 'vitest'
import { redacted } from '../../server/src/log.js'
import { token } from '../support/tokens.js'

it('[A41, A57] a line of the log loses every credential in it, and nothing else', async () => {
  const credential = await token()
  const [head, body] = credential.split('.')
  const lines: [string, string][] = [
    [`{"url":"/doc?token=${credential}"}`, '{"url":"/doc?token=[redacted]"}'],
    [`{"p":"coscribe.v1, coscribe.token.short"}`, '{"p":"coscribe.v1, [redacted]"}'],
    [`{"authorization":"Bearer ${credential}"}`, '{"authorization":"[redacted]"}'],
    [`{"authorization":"bearer opaque+/="}`, '{"authorization":"[redacted]"}'],
    ['{"url":"/doc?a=b&token=opaque&c=d"}', '{"url":"/doc?a=b&token=[redacted]&c=d"}'],
    ['{"note":"cst_ab-cd_e is used"}', '{"note":"[redacted] is used"}'],
    [
      '{"cookie":"theme=dark; __Host-coscribe=opaque%20; coscribe=b"}',
      '{"cookie":"theme=dark; __Host-coscribe=[redacted]; coscribe=[redacted]"}',
    ],
    [`cut short: ${head}.${body?.slice(0, 9)}`, 'cut short: [redacted]'],
    [
      '{"documentId":"notes.v1.2","msg":"a token was refused"}',
      '{"documentId":"notes.v1.2","msg":"a token was refused"}',
    ],
  ]
  for (const [line, expected] of lines) expect(redacted(line)).toBe(expected)
})

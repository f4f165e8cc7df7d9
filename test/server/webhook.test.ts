import { createSecretKey } from 'node:crypto'
import { verifyWebhook } from '@coscribe/server'
import { describe, expect, it } from 'vitest'
import { Lanes } from '../../server/src/auth/lanes.js'
import { providerUrl } from '../../server/src/auth/provider-url.js'
import { RecentAnswers } from '../../server/src/auth/recent-answers.js'
import { signatureOf } from '../../server/src/auth/webhook-signature.js'
import { WebhookAuthenticator } from '../../server/src/auth/webhook.js'
import {
  startFakeProvider,
  type Arrived,
  type FakeProvider,
  type Reply,
} from '../support/fake-provider.js'
import { ManualClock } from '../support/manual-clock.js'
import { OTHER_SECRET, SECRET } from '../support/tokens.js'

const INVALID = { fault: 'the credential is not valid' }
const answer = { subject: 'ada', access: 'write', expiresAt: 4e12, tokenId: 'session-7' }
const yes: Reply = { status: 200, body: answer }

interface Parts {
  readonly application: FakeProvider
  readonly clock: ManualClock
  readonly webhook: WebhookAuthenticator
}

async function withWebhook(
  reply: (request: Arrived) => Reply | Promise<Reply>,
  secrets: readonly string[] = [SECRET],
): Promise<Parts> {
  const application = await startFakeProvider(reply)
  const clock = new ManualClock()
  clock.advance(1_700_000_000_000)
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret)))
  const url = providerUrl(`${application.url}/coscribe?of=ours`, '--flag')
  return { application, clock, webhook: new WebhookAuthenticator({ url, keys, clock }) }
}

/** What is asked and answered about a credential and a document, one after the other. */
async function asked(webhook: WebhookAuthenticator, documentId = 'doc'): Promise<object> {
  const identity = await webhook.authenticate('a session id')
  return 'fault' in identity ? identity : webhook.authorize(identity, documentId)
}

describe('a webhook', () => {
  it('[A74] is asked who it is and then about the document, in signed words', async () => {
    const { application, clock, webhook } = await withWebhook(() => yes)
    expect(await asked(webhook)).toMatchObject({
      subject: 'ada',
      tokenId: 'session-7',
      expiresAt: 4e12,
      grants: { documents: new Map([['doc', 'write']]), prefixes: new Map() },
    })
    const [who, what] = application.requests
    expect(application.requests).toHaveLength(2)
    expect(JSON.parse(who?.body ?? '')).toEqual({
      version: 1,
      credential: 'a session id',
      document: null,
    })
    expect(JSON.parse(what?.body ?? '')).toEqual({
      version: 1,
      credential: 'a session id',
      document: 'doc',
    })
    for (const { method, path, headers, body } of application.requests) {
      expect([method, path]).toEqual(['POST', '/coscribe?of=ours'])
      expect(headers['content-type']).toBe('application/json')
      const signature = headers['coscribe-signature'] as string
      expect(signature).toMatch(/^t=1700000000,v1=[0-9a-f]{64}$/)
      expect(verifyWebhook({ body, signature }, SECRET, clock.wallTime())).toBe(true)
    }
  })

  it('[A74] is known by either of two secrets, and by nothing else', () => {
    const body = '{"version":1}'
    const keys = [SECRET, OTHER_SECRET].map((secret) => createSecretKey(Buffer.from(secret)))
    const signature = signatureOf(keys, body, 1_700_000_000)
    const at = 1_700_000_000_000
    const good = (more: object = {}, secret = SECRET, now = at): boolean =>
      verifyWebhook({ body, signature, ...more }, secret, now)
    expect([good(), good({}, OTHER_SECRET), good({ body: Buffer.from(body) })]).toEqual([
      true,
      true,
      true,
    ])
    expect([good({}, SECRET, at + 300_000), good({}, SECRET, at - 300_000)]).toEqual([true, true])
    expect([good({}, SECRET, at + 300_001), good({}, SECRET, at - 300_001)]).toEqual([false, false])
    expect(good({}, `${SECRET}x`)).toBe(false)
    expect(good({ body: `${body} ` })).toBe(false)
    const [time = '', first = '', second = ''] = signature.split(',')
    const wrong = [
      undefined,
      '',
      time,
      `${time},v1=`,
      `${time},${first.slice(0, -1)}`,
      `${time},${first}0`,
      `t=1700000001,${first}`,
      `${time},v0=${first.slice(3)}`,
      `${time},${second},${second},${first}`,
      ` ${signature}`,
      signature.toUpperCase(),
      `t=1e9,${first}`,
      `t=,${first}`,
      `${first},${time}`,
    ]
    for (const text of wrong) expect(good({ signature: text }), text).toBe(false)
  })

  it.each<[string, Reply]>([
    ['an error', { status: 500, body: answer }],
    ['another success', { status: 201, body: answer }],
    ['no content', { status: 204 }],
    ['too many questions', { status: 429 }],
    ['a page', { status: 200, body: '<html>ada</html>' }],
    ['null', { status: 200, body: 'null' }],
    ['a list', { status: 200, body: [answer] }],
    ['text', { status: 200, body: '"ada"' }],
    ['nothing', { status: 200 }],
    ['no subject', { status: 200, body: { ...answer, subject: undefined } }],
    ['an empty subject', { status: 200, body: { ...answer, subject: '' } }],
    ['a subject that is a number', { status: 200, body: { ...answer, subject: 7 } }],
    ['a long subject', { status: 200, body: { ...answer, subject: 'a'.repeat(256) } }],
    ['no access', { status: 200, body: { ...answer, access: undefined } }],
    ['an access that is true', { status: 200, body: { ...answer, access: true } }],
    ['an access of another name', { status: 200, body: { ...answer, access: 'owner' } }],
    ['an access every object has', { status: 200, body: { ...answer, access: 'constructor' } }],
    ['no end', { status: 200, body: { ...answer, expiresAt: undefined } }],
    ['an end that is text', { status: 200, body: { ...answer, expiresAt: '4000000000000' } }],
    [
      'an end without end',
      { status: 200, body: JSON.stringify(answer).replace('4000000000000', '1e999') },
    ],
    ['an end before all', { status: 200, body: { ...answer, expiresAt: -1 } }],
    ['a token id that is an object', { status: 200, body: { ...answer, tokenId: {} } }],
    ['something more', { status: 200, body: { ...answer, admin: false } }],
    [
      'a property for all objects',
      { status: 200, body: JSON.stringify(answer).replace('{', '{"__proto__":{},') },
    ],
    ['17 KB', { status: 200, body: JSON.stringify(answer) + ' '.repeat(17 * 1024) }],
    ['a hung up line', (response) => response.destroy()],
  ])('[A75] lets nobody in by %s', async (_name, reply) => {
    const { webhook, application } = await withWebhook((request) =>
      request.body.includes('null') ? yes : reply,
    )
    const identity = await webhook.authenticate('a session id')
    if ('fault' in identity) throw new Error('it was refused')
    await expect(webhook.authorize(identity, 'doc')).rejects.toThrow(/./)
    // A failure is not kept: the next one asks again. (And one on a kept connection may be a connection too old.)
    await expect(webhook.authorize(identity, 'doc')).rejects.toThrow(/./)
    expect(application.requests.length).toBeGreaterThanOrEqual(3)
  })

  it('[A75] refuses with 401 a credential and with 403 a document, and is asked again about both', async () => {
    let status = 401
    const { webhook, application } = await withWebhook((request) =>
      request.body.includes('"document":null') ? yes : { status, body: answer },
    )
    expect(await asked(webhook)).toEqual(INVALID)
    status = 403
    expect(await asked(webhook)).toMatchObject({
      subject: 'ada',
      grants: { documents: new Map([['doc', 'none']]) },
    })
    status = 200
    expect(await asked(webhook)).toMatchObject({
      grants: { documents: new Map([['doc', 'write']]) },
    })
    // Who it is was asked once: that was no refusal.
    expect(application.requests).toHaveLength(4)
    for (const refusal of [401, 403]) {
      const other = await withWebhook(() => ({ status: refusal }))
      expect(await other.webhook.authenticate('x')).toEqual(INVALID)
    }
    expect(await webhook.authenticate('x'.repeat(8_193))).toEqual(INVALID)
    expect(application.requests).toHaveLength(4)
  })

  it('[A75] is given three seconds, and cannot send anybody elsewhere', async () => {
    const silent = await withWebhook(() => (response) => void response.writeHead(200).write('{'))
    const verdict = silent.webhook.authenticate('a session id')
    await expect.poll(() => silent.application.requests.length).toBe(1)
    silent.clock.advance(3_000)
    await expect(verdict).rejects.toThrow(/within 3000 ms/)
    await expect.poll(() => silent.application.connections()).toBe(0)

    const elsewhere = await startFakeProvider(() => yes)
    for (const status of [301, 302, 303, 307, 308]) {
      const headers = { location: elsewhere.url }
      const { webhook } = await withWebhook(() => ({ status, headers }))
      await expect(webhook.authenticate('a session id')).rejects.toThrow(`status ${status}`)
    }
    expect(elsewhere.requests).toEqual([])
  })

  it('[A76] is asked once by all who ask the same, and again ten seconds after it gave a right', async () => {
    const { webhook, clock, application } = await withWebhook(() => yes)
    await Promise.all(Array.from({ length: 20 }, () => asked(webhook)))
    expect(application.requests).toHaveLength(2)
    clock.advance(9_999)
    await asked(webhook)
    expect(application.requests).toHaveLength(2)
    clock.advance(1)
    await asked(webhook)
    expect(application.requests).toHaveLength(4)
    // Another document, and a credential and a document that together read like those, are other questions.
    await asked(webhook, 'other')
    await webhook.authenticate('a session id /doc')
    expect(application.requests).toHaveLength(6)
  })

  it('[A76] is asked 32 questions at a time over 32 connections, and those above 1,000 that wait are refused', async () => {
    const held: (() => void)[] = []
    const hold = (): Promise<Reply> => new Promise((resolve) => held.push(() => resolve(yes)))
    const { webhook, application } = await withWebhook(hold)
    const verdicts = Array.from({ length: 1_040 }, (_, i) =>
      webhook.authenticate(`session ${i}`).then(
        () => 'in',
        (error: unknown) => (error as Error).message,
      ),
    )
    await expect.poll(() => held.length).toBe(32)
    expect(await Promise.race(verdicts.slice(1_032))).toBe('too many are waiting')
    expect(application.requests).toHaveLength(32)
    expect(await application.connections()).toBe(32)
    // As many as are answered, and no more, have their turn.
    for (const answerNow of held.splice(0)) answerNow()
    expect(await Promise.all(verdicts.slice(0, 32))).toEqual(Array.from({ length: 32 }, () => 'in'))
    await expect.poll(() => held.length).toBe(32)
    expect(application.requests).toHaveLength(64)
    expect(await application.connections()).toBe(32)
  })

  it('[A76] does not ask for somebody who has waited too long', async () => {
    const clock = new ManualClock()
    const lanes = new Lanes(clock, 1, 10, 5_000)
    const held: (() => void)[] = []
    const first = lanes.run(() => new Promise<void>((resolve) => held.push(resolve)))
    const late = lanes.run(() => Promise.resolve('late'))
    await Promise.resolve()
    clock.advance(1)
    const inTime = lanes.run(() => Promise.resolve('in time'))
    clock.advance(5_000)
    held[0]?.()
    await expect(late).rejects.toThrow('too many were waiting')
    await first
    expect(await inTime).toBe('in time')
    expect(await lanes.run(() => Promise.resolve('free again'))).toBe('free again')
    await expect(lanes.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await lanes.run(() => Promise.resolve('still free'))).toBe('still free')
  })

  it('[A76] keeps the newest answers, and no more than it may', async () => {
    const clock = new ManualClock()
    const recent = new RecentAnswers<number>(clock, 1_000, 3, () => true)
    let asks = 0
    const ask = (key: string): Promise<number> => recent.get(key, () => Promise.resolve(++asks))
    for (const key of ['a', 'b', 'c', 'd']) await ask(key)
    expect(recent.size).toBe(3)
    expect([await ask('d'), await ask('b')]).toEqual([4, 2])
    expect(await ask('a')).toBe(5)
    clock.advance(1_000)
    await ask('e')
    expect(recent.size).toBe(1)
  })

  it('[A41] shows no credential to whoever prints an identity', async () => {
    const { inspect } = await import('node:util')
    const { webhook } = await withWebhook(() => yes)
    const identity = await webhook.authenticate('a session id')
    expect(
      inspect(identity, { showHidden: true, depth: 9 }) + JSON.stringify(identity),
    ).not.toContain('a session id')
  })
})

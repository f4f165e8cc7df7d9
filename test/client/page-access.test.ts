import { describe, expect, it } from 'vitest'
import { arriveWith } from '../../client/src/page/access-watch.js'
import { readPasted, takeInvite } from '../../client/src/page/invite.js'
import { PageAccess } from '../../client/src/page/page-access.js'
import type { SessionAnswer } from '../../client/src/page/session-routes.js'
import { token } from '../support/tokens.js'

/** One browser's memory. */
function memory(): { read(name: string): string | null; write(name: string, value: string): void } {
  const values = new Map<string, string>()
  return {
    read: (name) => values.get(name) ?? null,
    write: (name, value) => void values.set(name, value),
  }
}

/** A server that answers as a test says, and whose cookie is that of whom it let in last. */
class Routes {
  answer: SessionAnswer = { kind: 'unreachable' }
  /** Whose a token is; as {@link answer} when it is not said. */
  readonly owners = new Map<string, SessionAnswer>()
  readonly given: string[] = []

  readonly signIn = (given: string): Promise<SessionAnswer> => {
    this.given.push(given)
    return Promise.resolve(this.answer)
  }

  readonly whoIsSignedIn = (given = ''): Promise<SessionAnswer> =>
    Promise.resolve(this.owners.get(given) ?? this.answer)

  readonly signOut = (): Promise<boolean> => Promise.resolve(this.answer.kind !== 'unreachable')
}

function signedIn(subject: string): SessionAnswer {
  return { kind: 'signed-in', session: { subject, expiresAt: 1 } }
}

/** An address bar that notes what its history would show. */
function addressBar(href: string): { location: Location; history: History; entries: string[] } {
  const entries = [href]
  const { pathname, search, hash } = new URL(href)
  const history = {
    state: null,
    replaceState: (_state: unknown, _title: string, to: string) =>
      void entries.splice(-1, 1, new URL(to, href).href),
  }
  const location = { pathname, search, hash }
  return { location: location as Location, history: history as unknown as History, entries }
}

describe('an invite link', () => {
  it.each([
    ['http://a/d/x#token=abc.def', 'abc.def', 'http://a/d/x'],
    ['http://a/d/x?y=1#here&token=abc', 'abc', 'http://a/d/x?y=1#here'],
    ['http://a/d/x#token=', null, 'http://a/d/x'],
    ['http://a/d/x#token=a%20b%3Cscript%3E', 'a%20b%3Cscript%3E', 'http://a/d/x'],
    [`http://a/d/x#token=${'x'.repeat(9_000)}`, null, 'http://a/d/x'],
    ['http://a/d/x#elsewhere', null, 'http://a/d/x#elsewhere'],
  ])('[E63] %.40s gives its token, and keeps none', (href, wanted, left) => {
    const { location, history, entries } = addressBar(href)
    expect(takeInvite(location, history)).toBe(wanted)
    expect(entries).toEqual([left])
  })

  it.each([
    ['abc.def.ghi', { kind: 'token', token: 'abc.def.ghi' }],
    [' http://a/d/x#token=abc \n', { kind: 'token', token: 'abc' }],
    ['http://a/d/y#token=abc', { kind: 'elsewhere', address: 'http://a/d/y#token=abc' }],
    ['http://b/d/x#token=abc', { kind: 'unusable', reason: expect.stringContaining('b') }],
    ['http://a/d/x', { kind: 'unusable', reason: expect.stringContaining('no invite') }],
    ['http://[', { kind: 'unusable', reason: expect.stringContaining('no invite') }],
    ['javascript:alert(1)//#token=a b', { kind: 'unusable', reason: expect.anything() }],
    ['', { kind: 'unusable', reason: expect.anything() }],
  ])('[E62] %s is what it is when it is pasted', (text, wanted) => {
    expect(readPasted(text, 'http://a/d/x')).toEqual(wanted)
  })
})

describe('as whom a tab comes', () => {
  it('[E63] by a cookie where the server keeps sessions; no token stays', async () => {
    const [routes, kept] = [new Routes(), memory()]
    const access = new PageAccess(routes, kept)
    routes.answer = signedIn('ada')
    expect(await access.use('secret')).toEqual({ kind: 'in-use' })
    expect(routes.given).toEqual(['secret'])
    expect(access.tokenSource).toBeUndefined()
    expect(kept.read('signed-in')).not.toContain('secret')
    expect(new PageAccess(routes, kept).session?.subject).toBe('ada')
  })

  it('[E63] by the token where it keeps none, in the memory of this tab only', async () => {
    const [routes, kept] = [new Routes(), memory()]
    const access = new PageAccess(routes, kept)
    routes.answer = { kind: 'absent' }
    const secret = await token({ sub: 'ada' })
    expect(await access.use(secret)).toEqual({ kind: 'in-use' })
    expect(access.session?.subject).toBe('ada')
    const source = access.tokenSource
    const request = { signal: new AbortController().signal }
    expect(typeof source === 'function' ? source('session', request) : source).toBe(secret)
    expect(kept.read('signed-in')).toBeNull()
  })

  it('[E113] as whom the server says, where no cookie is kept and the token says nothing', async () => {
    const routes = new Routes()
    const access = new PageAccess(routes, memory())
    routes.answer = { kind: 'absent' }
    routes.owners.set('opaque-ada', signedIn('ada')).set('opaque-ben', signedIn('ben'))
    await access.use('opaque-ada')
    expect([access.session?.subject, access.isKnown]).toEqual(['ada', true])
    const { identity } = access
    expect(access.replacementBy('opaque-ben')).toBe('')
    await access.use('opaque-ben')
    expect(access.session?.subject).toBe('ben')
    expect(access.identity).not.toBe(identity)
    routes.owners.set('opaque-cleo', { kind: 'refused', reason: 'revoked' })
    expect(await access.use('opaque-cleo')).toEqual({ kind: 'refused', reason: 'revoked' })
    expect(access.session?.subject).toBe('ben')
  })

  it('[E113] as nobody that is known while no server says whose the token is', async () => {
    const routes = new Routes()
    const access = new PageAccess(routes, memory())
    expect(access.isKnown).toBe(true)
    routes.answer = { kind: 'absent' }
    routes.owners.set('opaque-ada', { kind: 'unreachable' })
    await access.use('opaque-ada')
    expect([access.isSomebody, access.isKnown, access.session]).toEqual([true, false, null])
    // Nothing of hers goes on as somebody else's, and no link makes another of her without a word.
    const { identity } = access
    expect(access.replacementBy('opaque-ada')).toBeNull()
    expect(access.replacementBy('opaque-ben')).toBe('')
    await access.use('opaque-ben')
    expect(access.identity).not.toBe(identity)
    await access.leave()
    expect([access.isKnown, access.identity]).toEqual([true, ''])
  })

  it.each<SessionAnswer>([{ kind: 'refused', reason: 'no' }, { kind: 'unreachable' }])(
    '[E62] as before when the answer is $kind',
    async (answer) => {
      const [routes, kept] = [new Routes(), memory()]
      const access = new PageAccess(routes, kept)
      routes.answer = signedIn('ada')
      await access.use('first')
      const { identity } = access
      routes.answer = answer
      expect(await access.use('second')).toMatchObject({ kind: 'refused' })
      expect(access.identity).toBe(identity)
    },
  )

  it('[E64] as somebody else only when asked, and not behind its back', async () => {
    const [routes, kept] = [new Routes(), memory()]
    const access = new PageAccess(routes, kept)
    expect(access.replacementBy(await token({ sub: 'ben' }))).toBeNull()
    routes.answer = signedIn('ada')
    await access.use('first')
    expect(access.replacementBy(await token({ sub: 'ada' }))).toBeNull()
    expect(access.replacementBy(await token({ sub: 'ben' }))).toBe('ben')
    expect(access.replacementBy('opaque')).toBe('')
    expect(access.wasReplaced).toBe(false)
    const other = new PageAccess(routes, kept)
    routes.answer = signedIn('ben')
    await other.use('second')
    expect(access.wasReplaced).toBe(true)
    access.follow()
    expect(access.session?.subject).toBe('ben')
    routes.answer = signedIn('cleo')
    expect(await access.isSomebodyElse()).toBe(true)
    expect(access.wasReplaced).toBe(true)
  })

  it('[E64, E65] not as whom the server named before somebody signed in or out here', async () => {
    const [routes, kept] = [new Routes(), memory()]
    const answers: ((answer: SessionAnswer) => void)[] = []
    const whoIsSignedIn = (): Promise<SessionAnswer> =>
      new Promise((resolve) => answers.push(resolve))
    const { signIn, signOut } = routes
    const access = new PageAccess({ signIn, signOut, whoIsSignedIn }, kept)
    routes.answer = signedIn('ada')
    await access.use('first')
    const asAda = access.isSomebodyElse()
    routes.answer = signedIn('ben')
    await access.use('second')
    answers[0]?.(signedIn('ada'))
    expect(await asAda).toBe(false)
    const asBen = access.isSomebodyElse()
    await access.leave()
    answers[1]?.(signedIn('ben'))
    expect(await asBen).toBe(false)
    expect([access.session, access.wasReplaced, kept.read('signed-in')]).toEqual([null, false, ''])
  })

  it('[E64] as who signed in in another tab before anything was open in this one', async () => {
    const [routes, kept] = [new Routes(), memory()]
    const access = new PageAccess(routes, kept)
    routes.answer = signedIn('ada')
    await new PageAccess(routes, kept).use('first')
    await arriveWith(access, null)
    expect(access.session?.subject).toBe('ada')
    routes.answer = signedIn('ben')
    await new PageAccess(routes, kept).use('second')
    await arriveWith(access, null)
    expect(access.session?.subject).toBe('ben')
    // What a browser with a full memory remembers is of before; whose the cookie is the server knows.
    const forgetful = new PageAccess(routes, { ...kept, write: () => undefined })
    routes.answer = signedIn('cleo')
    await forgetful.use('third')
    await arriveWith(forgetful, null)
    expect(forgetful.session?.subject).toBe('cleo')
  })

  it('[E65] as nobody after signing out, and not before the server knows', async () => {
    const [routes, kept] = [new Routes(), memory()]
    const access = new PageAccess(routes, kept)
    routes.answer = signedIn('ada')
    await access.use('first')
    routes.answer = { kind: 'unreachable' }
    expect(await access.leave()).toBe(false)
    expect(access.isSomebody).toBe(true)
    routes.answer = { kind: 'refused', reason: '' }
    expect(await access.leave()).toBe(true)
    expect(access.isSomebody).toBe(false)
    expect(new PageAccess(routes, kept).session).toBeNull()
  })

  it('[E62] whatever stands in the memory of the browser, it is a name or nothing', () => {
    for (const text of ['', 'null', '7', '{"subject":7}', '{"subject":"x"}', '{']) {
      const kept = memory()
      kept.write('signed-in', text)
      expect(new PageAccess(new Routes(), kept).session).toBeNull()
    }
  })
})

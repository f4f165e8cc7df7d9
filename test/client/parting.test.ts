// @vitest-environment jsdom
import { expect, it } from 'vitest'
import { PageAccess } from '../../client/src/page/page-access.js'
import { part } from '../../client/src/page/parting.js'
import type { SessionAnswer } from '../../client/src/page/session-routes.js'
import { ScriptedRoom } from '../support/scripted-room.js'

interface Parting {
  readonly scripted: ScriptedRoom
  readonly access: PageAccess
  /** What the browser remembers, for all its tabs. */
  readonly memory: Map<string, string>
  /** Signs in as somebody in this tab. */
  readonly signIn: (subject: string) => Promise<void>
}

/** Ada has left a document, and what she wrote last is on its way. */
async function adaParts(): Promise<Parting> {
  let who = 'ada'
  const answer = (): Promise<SessionAnswer> =>
    Promise.resolve({ kind: 'signed-in', session: { subject: who, expiresAt: 1 } })
  const memory = new Map<string, string>()
  const access = new PageAccess(
    { signIn: answer, whoIsSignedIn: answer, signOut: () => Promise.resolve(true) },
    {
      read: (name) => memory.get(name) ?? null,
      write: (name, value) => void memory.set(name, value),
    },
  )
  await access.use('token')
  const scripted = new ScriptedRoom()
  scripted.handshake()
  await scripted.type('a')
  void part(scripted.room, access)
  await scripted.clock.settle()
  const signIn = async (subject: string): Promise<void> => {
    who = subject
    await access.use('another')
  }
  return { scripted, access, memory, signIn }
}

function connection({ scripted }: Parting): string {
  return scripted.room.status.connection
}

it('[E93] a room that was left stays until what was written in it is saved, and not for ever', async () => {
  const saved = await adaParts()
  expect(connection(saved)).toBe('connected')
  saved.scripted.ackAll()
  await expect.poll(() => connection(saved)).toBe('closed')
  const slow = await adaParts()
  await slow.scripted.clock.advance(9_000)
  expect(connection(slow)).toBe('connected')
  await slow.scripted.clock.advance(1_000)
  await expect.poll(() => connection(slow)).toBe('closed')
})

it('[E64] a room that was left goes on for the same person only', async () => {
  const parting = await adaParts()
  await parting.signIn('ada')
  window.dispatchEvent(new Event('storage'))
  expect(connection(parting)).toBe('connected')
  await parting.signIn('ben')
  expect(connection(parting)).toBe('closed')
})

it('[E64] a room that was left ends when another tab signs in as somebody else', async () => {
  const parting = await adaParts()
  parting.memory.set('signed-in', JSON.stringify({ subject: 'ben', expiresAt: 1 }))
  window.dispatchEvent(new Event('storage'))
  expect(connection(parting)).toBe('closed')
})

it('[E65] a room that was left ends when its owner signs out', async () => {
  const parting = await adaParts()
  await parting.access.leave()
  expect(connection(parting)).toBe('closed')
})

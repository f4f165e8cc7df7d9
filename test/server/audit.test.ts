import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@coscribe/shared'
import { expect, it } from 'vitest'
import { auditTo } from '../../server/src/audit.js'
import { AuditFile } from '../../server/src/audit-file.js'
import { silentLogger, type LogFields } from '../../server/src/log.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { RawClient } from '../support/raw-client.js'
import { folderForTest } from '../support/test-server.js'

function linesOf(path: string): Record<string, unknown>[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => {
    const { time: _time, ...rest } = JSON.parse(line) as Record<string, unknown>
    return rest
  })
}

it('[A68] goes to the log, told apart by a field', () => {
  const logged: LogFields[] = []
  const logger = { ...silentLogger, info: (fields: LogFields) => void logged.push(fields) }
  auditTo(logger, () => 0).record({ event: 'revoked', subject: 'ada' })
  expect(logged).toEqual([{ audit: true, event: 'revoked', subject: 'ada' }])
})

it('[A68] counts refusals beyond twenty a second, and nothing else', () => {
  const events: unknown[] = []
  let now = 0
  const logger = {
    ...silentLogger,
    info: ({ event, count }: LogFields) => void events.push(count ?? event),
  }
  const audit = auditTo(logger, () => now)
  for (let i = 0; i < 1_000; i++) audit.record({ event: 'refused' })
  audit.record({ event: 'admitted' })
  now = 1_000
  audit.record({ event: 'refused' })
  expect(events).toEqual([
    ...Array.from({ length: 20 }, () => 'refused'),
    'admitted',
    980,
    'refused',
  ])
})

it('[A68] tells how many refusals it counted at the end, when no other event follows', async () => {
  const path = join(folderForTest(), 'audit')
  const clock = { ...systemClock, wallTime: () => 0 }
  const file = new AuditFile({ path, clock, logger: silentLogger })
  const refuse = (times: number): void => {
    for (let i = 0; i < times; i++) file.record({ event: 'refused' })
  }
  refuse(1_000)
  await file.drained()
  expect(linesOf(path)).toHaveLength(21)
  expect(linesOf(path).at(-1)).toEqual({ event: 'refused', count: 980 })
  // The second is the same, and what was told is not told again.
  refuse(5)
  await file.drained()
  await file.drained()
  expect(linesOf(path).slice(21)).toEqual([{ event: 'refused', count: 5 }])
})

it('[A68] is told of all refusals when a server stops that writes into its log', async () => {
  let refusals = 0
  const info = ({ event, count = 1 }: LogFields): void => {
    if (event === 'refused') refusals += Number(count)
  }
  const { server, url } = await startGuardedServer({ logger: { ...silentLogger, info } })
  const attempts = Array.from({ length: 50 }, async () => {
    const burglar = new RawClient(url, 'doc', 'y-websocket', undefined, { token: 'nonsense' })
    await burglar.ended()
  })
  await Promise.all(attempts)
  await server.stop()
  expect(refusals).toBe(50)
})

it('[A68] keeps a bounded part while the disk takes nothing, and says what was lost', async () => {
  const path = join(folderForTest(), 'audit')
  const errors: string[] = []
  const logger = {
    ...silentLogger,
    error: (_fields: LogFields, message: string) => void errors.push(message),
  }
  const file = new AuditFile({ path, clock: systemClock, logger, maxWaitingBytes: 1_000 })
  await file.open()
  for (let i = 0; i < 100; i++) file.record({ event: 'revoked', subject: `s${i}` })
  await file.drained()
  const lines = linesOf(path)
  expect(lines[0]).toEqual({ event: 'revoked', subject: 's0' })
  expect(lines.at(-1)).toEqual({ event: 'lost', count: 100 - (lines.length - 1) })
  expect(lines.length).toBeGreaterThan(5)
  expect(errors).toEqual([])
})

it('[A68] goes on when the file can be written again', async () => {
  const path = join(folderForTest(), 'audit')
  const errors: string[] = []
  const logger = {
    ...silentLogger,
    error: (_fields: LogFields, message: string) => void errors.push(message),
  }
  const file = new AuditFile({ path, clock: systemClock, logger })
  mkdirSync(path)
  await expect(file.open()).rejects.toMatchObject({ code: 'bad-option' })
  file.record({ event: 'revoked', subject: 'lost' })
  await file.drained()
  expect(errors).toHaveLength(1)
  rmdirSync(path)
  file.record({ event: 'revoked', subject: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln' })
  await file.drained()
  expect(linesOf(path)).toEqual([
    { event: 'revoked', subject: '[redacted]' },
    { event: 'lost', count: 1 },
  ])
})

it('[A68] a file that takes nothing keeps no stop up, and is not called lost edits', async () => {
  const auditFile = join(folderForTest(), 'audit')
  const errors: string[] = []
  const logger = {
    ...silentLogger,
    error: (_fields: LogFields, message: string) => void errors.push(message),
  }
  const { server } = await startGuardedServer({ auditFile, logger, stopTimeoutMs: 1_000 })
  // Whoever opens a pipe for writing waits until somebody reads.
  rmSync(auditFile)
  execFileSync('mkfifo', [auditFile])
  await server.revoke({ subject: 'ada' })
  await expect(server.stop()).resolves.toBeUndefined()
  expect(errors).toEqual(['the last decisions are not in the audit log'])
  expect(await readFile(auditFile, 'utf8')).toContain('ada')
})

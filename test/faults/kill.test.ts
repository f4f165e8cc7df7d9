import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Random } from '@coscribe/shared'
import { LevelStore } from '@coscribe/storage'
import { afterAll, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { Author, createAckLog, violations, type AckLog } from '../support/author.js'
import { count } from '../support/count.js'
import { eventually } from '../support/eventually.js'
import { seededRandom } from '../support/random.js'
import { spawnServer, type ServerProcess } from '../support/test-server.js'

const KILLS = count('COSCRIBE_KILLS', 20)
const SEED = count('COSCRIBE_SEED', 1)
const ACKS_PER_KILL = 100
const DOCUMENTS = ['minutes', 'plan/2027', 'größe']

const folder = mkdtempSync(join(tmpdir(), 'coscribe-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The oracle: what every author was told, by document, over all kills. */
type Oracle = Map<string, AckLog>

interface Round {
  readonly acked: number
  readonly inFlight: number
  readonly compacting: boolean
}

/** A server under load by one author a document, killed at a random moment after enough acknowledgements. */
async function killUnderLoad(
  server: ServerProcess,
  name: string,
  oracle: Oracle,
  random: Random,
): Promise<Round> {
  const authors = [...oracle].map(
    ([id, log]) => new Author(server.url.replace('http', 'ws'), id, name, log),
  )
  await Promise.all(authors.map((author) => author.ready()))
  const wanted = Math.ceil(ACKS_PER_KILL / authors.length)
  await Promise.all(authors.map((author) => writeUntilAcked(author, wanted, random)))
  const inCompaction = random.fraction() < 0.25 && (await compactionBegins(server, authors[0]))
  // Half of the kills meet edits on their way to the disk, the others a server at rest.
  const burst = random.fraction() < 0.5 ? 1 + Math.floor(random.fraction() * 40) : 0
  for (let i = 0; i < burst; i++) {
    for (const author of inCompaction ? authors.slice(1) : authors) author.edit(random)
  }
  if (burst > 0 && !inCompaction) {
    await authors[1]?.acked(wanted + Math.floor(random.fraction() * burst))
  }
  const round = {
    acked: sum(authors.map((author) => author.ackedCount)),
    inFlight: sum(authors.map((author) => author.unackedCount)),
    compacting: isCompacting(server.log()),
  }
  await server.kill('SIGKILL')
  for (const author of authors) author.destroy()
  return round
}

/** The document's only author leaves, upon which the server folds its log. Whether it did begin. */
async function compactionBegins(server: ServerProcess, author?: Author): Promise<boolean> {
  author?.destroy()
  const before = server.log().length
  return eventually('a compaction begins', () => isCompacting(server.log().slice(before)), 1_000)
    .then(() => true)
    .catch(() => false)
}

/** Whether the log's last word on compaction is that one began. */
function isCompacting(log: string): boolean {
  return log.lastIndexOf('compaction started') > log.lastIndexOf('compaction ended')
}

async function writeUntilAcked(author: Author, wanted: number, random: Random): Promise<void> {
  for (let sent = 0; sent < wanted;) {
    const burst = Math.min(wanted - sent, 1 + Math.floor(random.fraction() * 10))
    for (let i = 0; i < burst; i++) author.edit(random)
    sent += burst
    await author.acked(sent)
  }
}

/** What the folder holds, read by the store alone while no server and no client is there to heal it. */
async function recoveredTexts(): Promise<Map<string, string>> {
  const store = new LevelStore({ path: folder })
  await store.open()
  const texts = new Map<string, string>()
  for (const id of DOCUMENTS) texts.set(id, textOf(await store.load(id)))
  await store.close()
  return texts
}

type Stored = Awaited<ReturnType<LevelStore['load']>>

function textOf(stored: Stored): string {
  const doc = new Y.Doc()
  for (const update of [...(stored?.snapshot?.parts ?? []), ...(stored?.tail ?? [])]) {
    Y.applyUpdate(doc, update)
  }
  expect([doc.store.pendingStructs, doc.store.pendingDs]).toEqual([null, null])
  return doc.getText('content').toString()
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

describe('kill -9 under load', () => {
  it(`[R2] loses no acknowledged edit in ${KILLS} kills`, async () => {
    const random = seededRandom(SEED)
    const oracle: Oracle = new Map(DOCUMENTS.map((id) => [id, createAckLog()]))
    const rounds: Round[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const server = await spawnServer({ data: folder, logLevel: 'debug', roomGraceMs: 0 })
      rounds.push(await killUnderLoad(server, `k${kill}`, oracle, random))
      const texts = await recoveredTexts()
      for (const [id, log] of oracle) expect(violations(texts.get(id) ?? '', log)).toEqual([])
    }
    const inFlight = rounds.filter((round) => round.inFlight > 0).length
    const duringCompaction = rounds.filter((round) => round.compacting).length
    console.log(
      `seed ${SEED}: ${KILLS} kills, ${sum(rounds.map((round) => round.acked))} acked edits, ` +
        `${inFlight} kills with edits in flight, ${duringCompaction} during a compaction, 0 lost`,
    )
    expect(Math.min(...rounds.map((round) => round.acked))).toBeGreaterThanOrEqual(ACKS_PER_KILL)
    expect(inFlight).toBeGreaterThan(0)
    if (KILLS >= 20) expect(duringCompaction).toBeGreaterThan(0)
  }, 600_000)

  it('[R2] control: the oracle sees an acknowledged edit that is missing, doubled or back', () => {
    const log = createAckLog()
    log.present.add('<a.1>').add('<a.2>').add('<a.3>')
    log.deleted.add('<a.4>')
    expect(violations('<a.1><a.3><a.3><a.4>', log)).toEqual([
      '<a.2> is there 0 times',
      '<a.3> is there 2 times',
      '<a.4> came back',
    ])
  })
})

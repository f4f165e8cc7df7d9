import type { Random } from '@coscribe/shared'
import { LevelStore } from '@coscribe/storage'
import { expect } from 'vitest'
import * as Y from 'yjs'
import { Author, createAckLog, type AckLog } from './author.js'
import { eventually } from './eventually.js'
import type { ServerProcess } from './test-server.js'

const ACKS_PER_END = 100

/** The oracle: what every author was told, by document, over all kills. */
export type Oracle = Map<string, AckLog>

/** What a server met before its end. */
export interface Round {
  readonly acked: number
  readonly inFlight: number
  readonly compacting: boolean
}

/** An oracle for documents of which nothing was written yet. */
export function createOracle(documentIds: readonly string[]): Oracle {
  return new Map(documentIds.map((id) => [id, createAckLog()]))
}

/**
 * Puts a server under load by one author a document and ends it at a random moment after at least 100 new
 * acknowledgements; the authors are destroyed with it.
 *
 * @param end ends the server without giving it a chance to do anything
 */
export async function endUnderLoad(
  server: ServerProcess,
  name: string,
  oracle: Oracle,
  random: Random,
  end: () => Promise<unknown>,
): Promise<Round> {
  const authors = [...oracle].map(
    ([id, log]) => new Author(server.url.replace('http', 'ws'), id, name, log),
  )
  await Promise.all(authors.map((author) => author.ready()))
  const wanted = Math.ceil(ACKS_PER_END / authors.length)
  await Promise.all(authors.map((author) => writeUntilAcked(author, wanted, random)))
  const inCompaction = random.fraction() < 0.25 && (await compactionBegins(server, authors[0]))
  // Half of the ends meet edits on their way to the disk, the others a server at rest.
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
  await end()
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
export async function recoveredTexts(
  folder: string,
  documentIds: Iterable<string>,
): Promise<Map<string, string>> {
  const store = new LevelStore({ path: folder })
  await store.open()
  const texts = new Map<string, string>()
  for (const id of documentIds) texts.set(id, textOf(await store.load(id)))
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

/** The sum of some numbers. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

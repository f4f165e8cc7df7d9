// A process that works on a LevelStore, so that it can be killed, run out of disk, or die inside LevelDB.
//
//   node store-child.mjs write <folder> <fsync|os> <seed> [later]
//                                                           appends and compacts until it is killed; prints acks; with
//                                                           `later` authors come one append after their updates
//   node store-child.mjs image <folder>                     makes stores to damage; prints what is in them
//   node store-child.mjs jobs                               checks folder after folder, named by IPC messages
//
// Content is a function of document and number, so that whoever checks needs nothing but the acks.
import { createHash } from 'node:crypto'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { LevelStore, unknownInfo } from '@coscribe/storage'

const DOCUMENTS = 12

function bytesFor(documentId, seq, salt) {
  const digest = createHash('sha256').update(`${documentId} ${seq} ${salt}`).digest()
  const length = 1 + ((digest[0] * digest[1]) % 700)
  return new Uint8Array(length).map((_, index) => digest[index % 32] ^ (index >> 5))
}

const historyOf = (documentId) => createHash('md5').update(documentId).digest('hex')
const updateOf = (documentId, seq) => bytesFor(documentId, seq, 'update')

function snapshotOf(documentId, upToSeq) {
  const large = new Uint8Array(upToSeq % 5 === 0 ? 300_000 : 2_000).fill(upToSeq)
  return { upToSeq, parts: [bytesFor(documentId, upToSeq, 'snapshot'), large] }
}

function appendOf(documentId, firstSeq, count) {
  const updates = Array.from({ length: count }, (_, index) =>
    updateOf(documentId, firstSeq + index),
  )
  const authors = updates.map((_, index) => authorOf(documentId, firstSeq + index))
  return { documentId, historyId: historyOf(documentId), firstSeq, updates, authors }
}

/** Each update is by a client of its own, with the update's number. */
const authorOf = (documentId, client) => ({ client, subject: `who wrote ${documentId} ${client}` })

/** Every other one puts the document into the trash. */
function infoOf(documentId, step) {
  const trashedAt = step % 2 === 0 ? null : step
  return { ...unknownInfo, title: `${documentId}, ${step}`, updatedAt: step, trashedAt }
}

async function nameAll(store, ids, step) {
  await store.writeInfo(ids.map((documentId) => ({ documentId, info: infoOf(documentId, step) })))
}

/** Whether a document's info is one that was written for it, or none, and the document agrees about the trash. */
async function isNamed(store, documentId) {
  const { title, updatedAt, trashedAt } = await store.readInfo(documentId)
  if (title !== '' && title !== infoOf(documentId, updatedAt).title) return false
  return (await store.stat(documentId)).trashedAt === trashedAt
}

/** How many updates have no author, and authors no update; `NaN` with an author who is another's. */
function apart(documentId, { authors, lastSeq }) {
  let count = 0
  for (const [client, subject] of authors) {
    if (subject !== authorOf(documentId, client).subject) return NaN
    if (client > lastSeq) count += 1
  }
  for (let seq = 1; seq <= lastSeq; seq++) if (!authors.has(seq)) count += 1
  return count
}

/** Whether a loaded document holds exactly what was stored under its numbers. */
function isTrue(documentId, document) {
  const { snapshot, tail, tailFirstSeq, lastSeq } = document
  if (lastSeq !== tailFirstSeq + tail.length - 1) return false
  if (document.historyId !== historyOf(documentId)) return false
  if (!tail.every((update, index) => same(update, updateOf(documentId, tailFirstSeq + index)))) {
    return false
  }
  if (snapshot === null) return tailFirstSeq === 1
  const expected = snapshotOf(documentId, snapshot.upToSeq).parts
  if (snapshot.upToSeq !== tailFirstSeq - 1 || snapshot.parts.length !== expected.length)
    return false
  return snapshot.parts.every((part, index) => same(part, expected[index]))
}

function same(a, b) {
  return Buffer.compare(a, b) === 0
}

/**
 * What each document holds: its last number, 'wrong' if any byte or any author differs, or the code of the error; and
 * how many updates and authors there are of which the other is missing.
 */
async function check(path, documents = null) {
  const store = new LevelStore({ path })
  try {
    await store.open()
  } catch (error) {
    return { refused: error.code ?? error.message, message: error.message, documents: {}, apart: 0 }
  }
  const found = {}
  let unmatched = 0
  for (const id of documents ?? (await store.list({ limit: 1_000 })).ids) {
    try {
      const document = await store.load(id)
      const unmatchedHere = document === undefined ? 0 : apart(id, document)
      if (document === undefined) found[id] = 'absent'
      else if (!isTrue(id, document) || !(await isNamed(store, id))) found[id] = 'wrong'
      else found[id] = Number.isNaN(unmatchedHere) ? 'wrong' : document.lastSeq
      unmatched += unmatchedHere
    } catch (error) {
      found[id] = error.code ?? error.message
    }
  }
  await store.close()
  return { refused: null, message: null, documents: found, apart: unmatched }
}

async function write(path, durability, seed, authorsCome) {
  const store = new LevelStore({ path, durability })
  await store.open()
  const next = new Map()
  for (let index = 0; index < DOCUMENTS; index++) {
    const id = `document ${index}`
    next.set(id, ((await store.stat(id))?.lastSeq ?? 0) + 1)
  }
  for (let step = 0; ; step++) {
    const roll = createHash('md5').update(`${seed} ${step}`).digest()
    const ids = [...next.keys()].filter((_, index) => (roll[index] ?? 0) < 90)
    const batch = ids.map((id, index) => appendOf(id, next.get(id), 1 + (roll[15 - index] % 3)))
    if (authorsCome === 'later') for (const append of batch) delayAuthors(append)
    await store.append(batch)
    for (const { documentId, firstSeq, updates } of batch) {
      next.set(documentId, firstSeq + updates.length)
      process.stdout.write(`ack ${documentId.slice(9)} ${firstSeq + updates.length - 1}\n`)
    }
    if (step % 8 === 7) await compactOne(store, ids[0], next)
    if (step % 8 === 3) await nameAll(store, ids.slice(0, 2), step + (roll[14] % 2))
  }
}

/** Control: the authors of an append are those of the three updates before it. */
function delayAuthors(append) {
  const { documentId, firstSeq } = append
  const before = [1, 2, 3].map((back) => firstSeq - back).filter((seq) => seq > 0)
  append.authors = before.map((seq) => authorOf(documentId, seq))
}

async function compactOne(store, id, next) {
  if (id === undefined) return
  await store.compact(id, snapshotOf(id, next.get(id) - 1))
  process.stdout.write('compacted\n')
}

/**
 * `clean` was closed in order, `settled` was opened and closed once more (all in tables), `killed` ended without, and
 * `power` is `killed` with the integrity journal as it was before the last commits, as if power loss had taken its
 * end. All but `settled` have tables and a log.
 */
async function image(folder) {
  const path = join(folder, 'settled')
  const small = Array.from({ length: 40 }, (_, index) => `small ${index}`)
  const large = Array.from({ length: 3 }, (_, index) => `large ${index}`)
  const all = [...small, ...large]
  await session(path, async (store) => {
    await appendAll(store, all, 1, 3)
    for (const id of large) await appendAll(store, [id], 4, 247)
    for (const id of large.slice(1)) await store.compact(id, snapshotOf(id, 200))
    for (const id of small.slice(0, 20)) await store.compact(id, snapshotOf(id, 2))
    await nameAll(store, all, 2)
  })
  // Opening turns the log into tables; what is written from now on is in a new log.
  await session(path, async (store) => {
    await appendAll(store, small.slice(10, 25), 4, 2)
    await appendAll(store, large, 251, 40)
    await cp(path, join(folder, 'power'), { recursive: true })
    for (const id of small.slice(25)) await store.append([appendOf(id, 4, 5)])
    await nameAll(store, small.slice(5, 15), 4)
    for (const id of small.slice(0, 10))
      await store.append([appendOf(id, 4, 5), appendOf(`new ${id}`, 1, 1)])
    await cp(path, join(folder, 'killed'), { recursive: true })
    await cp(join(path, 'db'), join(folder, 'power', 'db'), { recursive: true, force: true })
  })
  await cp(path, join(folder, 'clean'), { recursive: true })
  return (await check(path)).documents
}

async function appendAll(store, ids, firstSeq, count) {
  for (const id of ids) await store.append([appendOf(id, firstSeq, count)])
}

async function session(path, work) {
  const store = new LevelStore({ path, durability: 'fsync' })
  await store.open()
  await work(store)
  await store.close()
}

const [command, folder, durability, seed, authorsCome] = process.argv.slice(2)
if (command === 'write') await write(folder, durability, seed, authorsCome)
if (command === 'image') process.stdout.write(`${JSON.stringify(await image(folder))}\n`)
if (command === 'jobs') {
  process.on('message', async ({ path, documents }) => process.send(await check(path, documents)))
  process.on('disconnect', () => process.exit(0))
}

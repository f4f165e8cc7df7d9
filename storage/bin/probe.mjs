// Opens a database and reads in it, in a process of its own: LevelDB ends the process on some damage.
//
// Standard input carries one line of JSON: { path, ranges: [[name, from, to], ...] in hex, thorough }.
// Before each range its name is printed on a line, so that the last one printed says where it died.
// Exit codes: 0 all read (or LevelDB reported an error, which the parent will meet itself), 3 locked.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Level } from 'level'

const lines = createInterface({ input: process.stdin })
// The parent keeps standard input open for as long as it lives.
lines.on('close', () => process.exit(1))
lines.once('line', (line) => {
  probe(JSON.parse(line)).then(
    () => process.exit(0),
    (error) => process.exit(codeOf(error) === 'LEVEL_LOCKED' ? 3 : 0),
  )
})

async function probe({ path, ranges, thorough }) {
  const encoding = { keyEncoding: 'buffer', valueEncoding: 'buffer', createIfMissing: false }
  const level = new Level(path, encoding)
  await level.open()
  for (const [name, gte, lt] of ranges) {
    writeSync(1, `${name}\n`)
    await tolerant(() => read(level, Buffer.from(gte, 'hex'), Buffer.from(lt, 'hex')))
  }
  if (thorough) {
    writeSync(1, 'everything\n')
    await tolerant(() => seekEverything(level))
    await tolerant(() => level.compactRange(Buffer.of(0), Buffer.of(255)))
  }
  await level.close()
}

/** An error that LevelDB reports is none that it dies of. */
async function tolerant(action) {
  try {
    await action()
  } catch (error) {
    if (!String(codeOf(error)).startsWith('LEVEL_')) throw error
  }
}

async function read(level, gte, lt) {
  const iterator = level.iterator({ gte, lt })
  try {
    while ((await iterator.nextv(100)).length > 0);
  } finally {
    await iterator.close()
  }
}

// Seeking compares keys that reading in order does not look at. These are the places a listing and a load seek.
async function seekEverything(level) {
  const iterator = level.keys()
  const seeker = level.keys()
  try {
    for (;;) {
      // One by one: an error takes the place of all keys that were to come with it.
      const [key] = await iterator.nextv(1)
      if (key === undefined) return
      await tolerant(() => seekAround(seeker, key))
    }
  } finally {
    await iterator.close()
    await seeker.close()
  }
}

async function seekAround(seeker, key) {
  const end = key.indexOf(0, 1)
  const id = end === -1 ? key.subarray(1) : key.subarray(1, end)
  for (const section of Buffer.from('dhs')) {
    for (const last of [[], [0], [1]]) {
      seeker.seek(Buffer.concat([Buffer.of(section), id, Buffer.from(last)]))
      await seeker.next()
    }
  }
}

function codeOf(error) {
  return error?.cause === undefined ? error?.code : codeOf(error.cause)
}

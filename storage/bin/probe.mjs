// Opens a database and reads in it, in a process of its own: LevelDB ends the process on some damage.
//
// Standard input carries one line of JSON: { path, ranges: [[name, from, to], ...] in hex, compact }.
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

async function probe({ path, ranges, compact }) {
  const encoding = { keyEncoding: 'hex', valueEncoding: 'buffer', createIfMissing: false }
  const level = new Level(path, encoding)
  await level.open()
  for (const [name, gte, lt] of ranges) {
    writeSync(1, `${name}\n`)
    await read(level, gte, lt)
  }
  if (compact) await level.compactRange('00', 'ff')
  await level.close()
}

async function read(level, gte, lt) {
  const iterator = level.iterator({ gte, lt })
  try {
    while ((await iterator.nextv(100)).length > 0);
  } finally {
    await iterator.close()
  }
}

function codeOf(error) {
  return error?.cause === undefined ? error?.code : codeOf(error.cause)
}

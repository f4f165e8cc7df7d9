// A process whose files may not grow beyond a limit that the test raises later: a full disk that needs no root.
//
//   node full-child.mjs store <folder>   appends to a LevelStore, again and again what failed
//   node full-child.mjs raw <folder>     the control: synced puts into LevelDB, with the same handle after a failure
//
// Prints a line for each thing that happened: "ack <n>", "failed <code>", "read <n>".
import { setTimeout as pause } from 'node:timers/promises'
import { LevelStore } from '@coscribe/storage'
import { ClassicLevel } from 'classic-level'

const documentId = 'a'
const historyId = '0123456789abcdef0123456789abcdef'
const VALUE_BYTES = 4_000

function say(line) {
  process.stdout.write(`${line}\n`)
}

function valueOf(seq) {
  return new Uint8Array(VALUE_BYTES).fill(seq)
}

async function fillStore(path) {
  const store = new LevelStore({ path })
  await store.open()
  for (let seq = 1; ;) {
    try {
      await store.append([{ documentId, historyId, firstSeq: seq, updates: [valueOf(seq)] }])
      say(`ack ${seq}`)
      seq += 1
    } catch (error) {
      say(`failed ${error.code}`)
      say(`read ${(await store.load(documentId)).lastSeq}`)
      await pause(10)
    }
  }
}

async function fillRaw(path) {
  const level = new ClassicLevel(path, { valueEncoding: 'view' })
  await level.open()
  for (let seq = 1; ; seq++) {
    try {
      await level.put(String(seq), valueOf(seq), { sync: true })
      say(`ack ${seq}`)
    } catch (error) {
      say(`failed ${error.code}`)
      await pause(10)
    }
  }
}

const [command, folder] = process.argv.slice(2)
await (command === 'store' ? fillStore(folder) : fillRaw(folder))

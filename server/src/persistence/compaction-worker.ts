import { parentPort } from 'node:worker_threads'
import { foldUpdates } from './fold.js'
import { unpack, type PackedRecords } from './packed-records.js'

// Folds what it is sent, one job after the other. It may run out of time or memory at any point: whoever started it
// ends it then, and nothing it has not answered has happened.
parentPort?.on('message', (packed: PackedRecords) => {
  const result = foldUpdates(unpack(packed))
  const buffers = result.kind === 'folded' ? new Set(result.parts.map(bufferOf)) : []
  parentPort?.postMessage(result, [...buffers])
})

function bufferOf(part: Uint8Array): ArrayBuffer {
  return part.buffer as ArrayBuffer
}

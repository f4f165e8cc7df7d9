import * as encoding from 'lib0/encoding'
import { Cursor, type WalkFault } from './cursor.js'

const cursor = new Cursor()

/**
 * Reads a Yjs V1 state vector: for each client the number of clocks known without a hole. Returns a fault for bytes
 * that yjs does not write: trailing ones, a client twice, clocks from 2^31, client ids from 2^32. The map has at most
 * half as many entries as there are bytes.
 */
export function decodeStateVector(bytes: Uint8Array): Map<number, number> | WalkFault {
  cursor.open(bytes)
  try {
    const clocks = new Map<number, number>()
    for (let left = cursor.count(); left > 0; left--) {
      const client = cursor.client()
      if (clocks.has(client)) cursor.fail('a client listed twice')
      clocks.set(client, cursor.clock())
    }
    if (cursor.pos !== cursor.end) cursor.fail('bytes behind the end of the state vector')
    return clocks
  } catch (error) {
    return cursor.faultOf(error)
  } finally {
    cursor.close()
  }
}

/** Writes a state vector as yjs does: clients in descending order. */
export function encodeStateVector(clocks: ReadonlyMap<number, number>): Uint8Array {
  const clients = Float64Array.from(clocks.keys()).sort()
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, clients.length)
  for (let i = clients.length - 1; i >= 0; i--) {
    const client = clients[i]!
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clocks.get(client) ?? 0)
  }
  return encoding.toUint8Array(encoder)
}

import { sleep } from '../sleep.js'
import { Session, type Address } from './session.js'

/**
 * Joins, and returns everything that a server sends a client who has nothing. Rejects after `deadlineMs`.
 *
 * @param lingerMs how long to stay for what comes after the answer
 */
export async function fetchDocument(
  address: Address,
  deadlineMs: number,
  lingerMs = 0,
): Promise<Uint8Array[]> {
  const updates: Uint8Array[] = []
  const session = new Session(address, {
    update: (_session, cursor) =>
      updates.push(Buffer.from(cursor.bytes.subarray(cursor.at, cursor.end))),
  })
  const deadline = setTimeout(() => session.socket.destroy(), deadlineMs)
  try {
    await session.ready()
    if (lingerMs > 0) await sleep(lingerMs)
    return updates
  } finally {
    clearTimeout(deadline)
    session.close()
  }
}

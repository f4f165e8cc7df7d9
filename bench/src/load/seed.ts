import { Session, type Address } from './session.js'
import { sleep } from '../sleep.js'

/** Longer than any server here takes to write what it received. */
const UNTOLD_MS = 4_000

/** Writes updates into a document. Resolves when they are on disk, as far as the server says so. */
export async function seed(address: Address, updates: readonly Uint8Array[]): Promise<void> {
  let acknowledged = 0
  let told: (() => void) | null = null
  const lost = { reason: '' }
  const session = new Session(address, {
    acknowledged: (_session, count) => {
      acknowledged = count
      told?.()
    },
    lost: (_session, reason) => {
      lost.reason = reason
      told?.()
    },
  })
  await session.ready()
  for (const update of updates) session.sendUpdate(update)
  if (address.dialect === 'coscribe.v1') {
    while (acknowledged < session.sent && lost.reason === '') {
      await new Promise<void>((resolve) => (told = resolve))
    }
  } else await sleep(UNTOLD_MS)
  session.close()
  if (lost.reason !== '') throw new Error(lost.reason)
}

import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A new folder for a test, and its removal. With `fast` it is in memory where the machine has such a place: for tests
 * that copy and open many stores and do not care about flushing.
 */
export async function scratch(fast = false): Promise<{ path: string; remove(): Promise<void> }> {
  const parent = fast && existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const path = await mkdtemp(join(parent, 'coscribe-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

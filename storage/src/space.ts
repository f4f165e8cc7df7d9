import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const MARGIN_BYTES = 1024 * 1024
const PIECE = Buffer.alloc(256 * 1024, 1)

/**
 * Whether the disk has room for LevelDB to open: it writes its log out as tables then. Found out by writing, as that
 * also meets quotas and limits on the size of files; while there is no room, the open database at least still reads.
 *
 * @throws the error of the write that did not fit
 */
export async function proveSpace(folder: string, databasePath: string): Promise<void> {
  const needed = (await logBytes(databasePath)) + MARGIN_BYTES
  const path = join(folder, 'space')
  const file = await open(path, 'w', 0o600)
  try {
    for (let written = 0; written < needed; written += PIECE.length) await file.writeFile(PIECE)
    await file.datasync()
  } finally {
    await file.close()
    await rm(path, { force: true })
  }
}

async function logBytes(databasePath: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(databasePath)) {
    if (name.endsWith('.log')) bytes += (await stat(join(databasePath, name))).size
  }
  return bytes
}

import { mkdir, readdir, readFile, rename, open as openFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CoscribeError, randomHex, type Random } from '@coscribe/shared'
import { checksumOf } from './sealed.js'

/**
 * The folder of a store and its marker, the file that says "a Coscribe store exists here". Without it, LevelDB would
 * make an empty database wherever its own files are gone, and every document would look new.
 *
 * A marker is `creating` until the database beside it exists; only then may a missing database be made.
 */
export interface Marker {
  readonly storeId: string
  readonly state: 'creating' | 'ready'
  /** Whether an earlier version wrote it, which does not understand what this one stores. */
  readonly isOld: boolean
}

const MARKER = 'coscribe.json'
/** 2: appends are stored in groups. 3: authors are stored, and come with what is in groups. */
const FORMAT = 3
/** What was stored then is read as it is. */
const OLDEST_FORMAT = 2

/** Where LevelDB lives inside the folder. */
export function databasePath(folder: string): string {
  return join(folder, 'db')
}

/**
 * Makes or checks the folder, and returns its marker.
 *
 * @throws CoscribeError `store-foreign`, `store-newer`, `store-damaged` or `storage-unavailable`
 */
export async function enterFolder(folder: string, random: Random): Promise<Marker> {
  const entries = await attempt(folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return readdir(folder)
  })
  // A file system of its own brings this along.
  const names = entries.filter((name) => name !== 'lost+found')
  const fresh = names.every((name) => name === temporary(MARKER))
  if (fresh) return createMarker(folder, random)
  if (!names.includes(MARKER)) {
    throw new CoscribeError(
      'store-foreign',
      `the folder ${folder} holds files but no ${MARKER}, so it is not a Coscribe data folder; name another or an empty one`,
    )
  }
  const text = await attempt(folder, () => readFile(join(folder, MARKER), 'utf8'))
  return checkDatabase(folder, parseMarker(folder, text))
}

async function createMarker(folder: string, random: Random): Promise<Marker> {
  const marker: Marker = { storeId: randomHex(random, 16), state: 'creating', isOld: false }
  await writeMarker(folder, marker)
  return marker
}

/** Replaces the marker, durably, by one of this version. */
export async function writeMarker(
  folder: string,
  { storeId, state }: Pick<Marker, 'storeId' | 'state'>,
): Promise<void> {
  const body = { format: FORMAT, storeId, state }
  const text = JSON.stringify({ ...body, checksum: checksumOfMarker(body) }, null, 2)
  await attempt(folder, () => replaceFile(join(folder, MARKER), `${text}\n`))
}

function checksumOfMarker(body: { format: number; storeId: string; state: string }): string {
  return checksumOf(Buffer.from(`${body.format} ${body.storeId} ${body.state}`))
}

function parseMarker(folder: string, text: string): Marker {
  const marker = readFields(text)
  if (marker !== null && marker.format > FORMAT) {
    throw new CoscribeError(
      'store-newer',
      `the data folder ${folder} has format ${marker.format}, this version knows up to ${FORMAT}; use a newer Coscribe`,
    )
  }
  if (marker === null || marker.checksum !== checksumOfMarker(marker)) {
    throw damaged(folder, `its ${MARKER} is damaged`)
  }
  if (marker.format < OLDEST_FORMAT) {
    throw new CoscribeError(
      'store-foreign',
      `the data folder ${folder} has format ${marker.format}, which no release has written and this version does not read; use the build that made it, or another folder`,
    )
  }
  const state = marker.state === 'ready' ? 'ready' : 'creating'
  return { storeId: marker.storeId, state, isOld: marker.format < FORMAT }
}

interface MarkerFields {
  readonly format: number
  readonly storeId: string
  readonly state: string
  readonly checksum: string
}

function readFields(text: string): MarkerFields | null {
  try {
    const { format, storeId, state, checksum } = JSON.parse(text) as Record<string, unknown>
    if (typeof format !== 'number' || typeof storeId !== 'string') return null
    if (typeof state !== 'string' || typeof checksum !== 'string') return null
    return { format, storeId, state, checksum }
  } catch {
    // Not JSON, or not an object.
    return null
  }
}

async function checkDatabase(folder: string, marker: Marker): Promise<Marker> {
  if (marker.state === 'creating') return marker
  const names: string[] = await readdir(databasePath(folder)).catch(() => [])
  if (names.includes('CURRENT')) return marker
  throw damaged(folder, 'its database has no CURRENT file')
}

/** The error for a folder that is ours but not whole. */
export function damaged(folder: string, what: string, cause?: unknown): CoscribeError {
  return new CoscribeError(
    'store-damaged',
    `the data folder ${folder} is damaged: ${what}; nothing is served from it, restore it from a backup`,
    { cause },
  )
}

/** Writes a file so that after a crash or power loss it has either the old or the new content. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const file = await openFile(temporary(path), 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary(path), path)
  await syncFolder(join(path, '..'))
}

/** A rename is durable only when the folder it happened in is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await openFile(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function temporary(path: string): string {
  return `${path}.new`
}

async function attempt<Value>(folder: string, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CoscribeError(
      'storage-unavailable',
      `the data folder ${folder} cannot be used: ${reason}`,
      { cause: error },
    )
  }
}

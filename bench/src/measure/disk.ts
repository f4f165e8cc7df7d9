import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { median } from '../statistics.js'

const TMPFS = 0x0102_1994
const RAMFS = 0x8584_58f6
const WRITES = 200
const WRITE_BYTES = 4_096

/** @throws Error for a folder in memory, where a write costs nothing and proves nothing */
export function refuseMemory(folder: string): void {
  const { type } = statfsSync(folder)
  if (type === TMPFS || type === RAMFS) {
    throw new Error(`${folder} is in memory; name a folder on a disk with --data`)
  }
}

/** What it takes to append 4 KiB to a file and to bring them to the disk, in milliseconds: the median of 200. */
export function fsyncMs(folder: string): number {
  const file = join(folder, 'fsync')
  const descriptor = openSync(file, 'a')
  const block = Buffer.alloc(WRITE_BYTES, 1)
  const times: number[] = []
  for (let i = 0; i < WRITES; i++) {
    const before = performance.now()
    writeSync(descriptor, block)
    fsyncSync(descriptor)
    times.push(performance.now() - before)
  }
  closeSync(descriptor)
  rmSync(file)
  return median(times)
}

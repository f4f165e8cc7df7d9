import { readFileSync, writeFileSync } from 'node:fs'

/** Bytes of memory a process of this machine uses now, and the most it used since {@link resetPeak}. */
export interface Memory {
  readonly now: number
  readonly peak: number
}

/** Reads /proc, so Linux only. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return { now: field(status, 'VmRSS'), peak: field(status, 'VmHWM') }
}

/** Begins to measure the peak anew. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

function field(status: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)
  if (match === null) throw new Error(`no ${name} in /proc`)
  return Number(match[1]) * 1024
}

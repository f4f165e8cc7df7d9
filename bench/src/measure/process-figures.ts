import { readFileSync } from 'node:fs'

/** What the operating system says of a process. */
export interface ProcessFigures {
  readonly residentBytes: number
  /** The most it has had resident so far. */
  readonly peakBytes: number
  /** Bytes that it caused to be written to a disk. */
  readonly writtenBytes: number
}

/** Reads the figures of a process. @throws where there is no `/proc`, or no such process */
export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const io = readFileSync(`/proc/${pid}/io`, 'latin1')
  return {
    residentBytes: namedNumber(status, 'VmRSS') * 1_024,
    peakBytes: namedNumber(status, 'VmHWM') * 1_024,
    writtenBytes: namedNumber(io, 'write_bytes'),
  }
}

function namedNumber(text: string, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)
  return Number(line?.[1] ?? Number.NaN)
}

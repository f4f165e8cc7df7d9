import { readFileSync } from 'node:fs'

/** What the operating system says of a process. */
export interface ProcessFigures {
  /** User and system time of all its threads, ended ones included, in seconds. Steps of 10 ms. */
  readonly cpuSeconds: number
  readonly residentBytes: number
  /** The most it has had resident so far. */
  readonly peakBytes: number
  /** Bytes that it caused to be written to a disk. */
  readonly writtenBytes: number
}

/** What `/proc` counts time in: a hundredth of a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100
const USER_TIME = 11
const SYSTEM_TIME = 12

/** Reads the figures of a process. @throws where there is no `/proc`, or no such process */
export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const io = readFileSync(`/proc/${pid}/io`, 'latin1')
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The name, in brackets, may hold anything; what follows it begins with the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    cpuSeconds: (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) / TICKS_PER_SECOND,
    residentBytes: namedNumber(status, 'VmRSS') * 1_024,
    peakBytes: namedNumber(status, 'VmHWM') * 1_024,
    writtenBytes: namedNumber(io, 'write_bytes'),
  }
}

function namedNumber(text: string, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)
  return Number(line?.[1] ?? Number.NaN)
}

import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { count } from '../count.js'
import { seededRandom, type SeededRandom } from '../random.js'
import { readCorpus, writeCorpus, type Kept } from './corpus.js'
import { Watchdog } from './watchdog.js'

/** Byte strings in the order in which they are given to what is tested. */
type Input = readonly Uint8Array[]

/** What is fuzzed. */
export interface FuzzTarget {
  readonly name: string
  /** An input, from valid structures with injuries in them. */
  generate(random: SeededRandom): Input
  /**
   * Gives it to what is tested, and says in a few words without numbers what became of it; inputs with one outcome
   * count as alike.
   *
   * @throws when a promise is broken
   */
  run(input: Input, meter: Meter): string | Promise<string>
  /** Bounds of one message, when others than {@link bounds}. */
  readonly bounds?: Bounds
}

/** What one message of so many bytes may cost. */
export interface Bounds {
  readonly cpuMs: number
  readonly cpuMsPerByte: number
  readonly memoryBytes: number
  readonly memoryPerByte: number
}

/** One message is worth 5 ms and 1 µs for each byte, 1 MiB and 40 bytes for each byte. */
export const bounds: Bounds = {
  cpuMs: 5,
  cpuMsPerByte: 0.001,
  memoryBytes: 1024 * 1024,
  memoryPerByte: 40,
}

interface Cost {
  readonly bytes: number
  readonly cpuMs: number
  /** What was allocated, which is more than what was in use at any time; `null` when a collection came between. */
  readonly memory: number | null
}

/** Measures what single messages cost. */
class Meter {
  readonly costs: Cost[] = []

  /**
   * Runs `action`, which works on so many bytes of the input.
   *
   * @param answered how many bytes it has written until now: they cost something too
   */
  async measured<Result>(
    bytes: number,
    action: () => Result | Promise<Result>,
    answered = (): number => 0,
  ): Promise<Result> {
    const answeredBefore = answered()
    const memory = memoryInUse()
    const before = process.cpuUsage()
    const outcome = action()
    const result = outcome instanceof Promise ? await outcome : outcome
    const { user, system } = process.cpuUsage(before)
    const grown = memoryInUse() - memory
    this.costs.push({
      bytes: bytes + answered() - answeredBefore,
      cpuMs: (user + system) / 1_000,
      memory: grown < 0 ? null : grown,
    })
    return result
  }
}

function memoryInUse(): number {
  const heap = getHeapStatistics()
  return heap.used_heap_size + heap.external_memory
}

/** Below this many bytes a cost per byte says more about the message than about its bytes. */
const LARGE_BYTES = 1_024
/** What is measured beside something else on this machine is measured again, and the least counts. */
const REPETITIONS = 4
/** Of what seems to cost more than it may. */
const MOST_REPETITIONS = 30

/** What a campaign found. */
export interface CampaignReport {
  readonly name: string
  readonly seed: number
  readonly inputs: number
  readonly messages: number
  readonly bytes: number
  readonly outcomes: number
  readonly worstCpuMs: number
  /** Of messages of 1 KiB and more, in µs. */
  readonly worstCpuPerByte: number
  readonly worstMemoryBytes: number
  readonly worstMemoryPerByte: number
}

const MILLISECONDS = count('COSCRIBE_FUZZ_MS', 1_000)
const SEED = count('COSCRIBE_SEED', 20_261_129)
const TELLS = process.env['COSCRIBE_FUZZ_MS'] !== undefined
const KEEPS = process.env['COSCRIBE_FUZZ_KEEP'] !== undefined
/** However slow the machine is. */
const LEAST_INPUTS = 30

/** How long a test of a campaign may take, in milliseconds. */
export const CAMPAIGN_TIMEOUT_MS = 300_000 + 3 * MILLISECONDS

/**
 * Replays what was kept, then makes inputs for a second, or for `COSCRIBE_FUZZ_MS`, each from a seed of its
 * own. An input that ends the process or keeps it busy for ten seconds is written to stderr.
 *
 * @throws Error with the seed and the input that broke a promise
 */
export async function runCampaign(
  target: FuzzTarget,
  milliseconds = MILLISECONDS,
): Promise<CampaignReport> {
  const campaign = new Campaign(target)
  try {
    return await campaign.run(milliseconds)
  } finally {
    campaign.end()
  }
}

class Campaign {
  readonly #target: FuzzTarget
  readonly #watchdog = new Watchdog()
  /** The shortest input of each outcome. */
  readonly #kept = new Map<string, Kept>()
  readonly #worst = { cpuMs: 0, cpuPerByte: 0, memory: 0, memoryPerByte: 0 }
  #inputs = 0
  #messages = 0
  #bytes = 0

  constructor(target: FuzzTarget) {
    this.#target = target
  }

  async run(milliseconds: number): Promise<CampaignReport> {
    for (const { outcome, input } of readCorpus(this.#target.name)) {
      await this.#try(input, `kept: ${outcome}`)
    }
    const until = performance.now() + milliseconds
    let seed = SEED
    while (performance.now() < until || seed < SEED + LEAST_INPUTS) {
      const random = seededRandom(seed)
      await this.#try(this.#target.generate(random), `COSCRIBE_SEED=${seed}`)
      seed++
    }
    if (KEEPS) writeCorpus(this.#target.name, [...this.#kept.values()])
    const report = this.#report()
    if (TELLS) process.stdout.write(`${JSON.stringify(report)}\n`)
    return report
  }

  end(): void {
    this.#watchdog.end()
  }

  async #try(input: Input, origin: string): Promise<void> {
    try {
      const meter = new Meter()
      const outcome = await this.#run(input, meter, origin)
      await this.#weigh(input, meter.costs, origin)
      this.#keep(outcome, input)
      this.#inputs++
    } catch (error) {
      const bytes = input.map((part) => Buffer.from(part).toString('hex')).join(' ')
      throw new Error(`${this.#target.name} ${origin}: ${String(error)}\n${shortened(bytes)}`, {
        cause: error,
      })
    }
  }

  /** Compares with the bounds, and with the worst so far: what exceeds either is measured again, alone. */
  async #weigh(input: Input, costs: readonly Cost[], origin: string): Promise<void> {
    const stands = costs.some((cost) => this.#stands(cost))
    const all = stands ? await this.#again(input, costs, origin) : costs
    for (const cost of all) this.#count(cost)
  }

  #stands(cost: Cost): boolean {
    const { bytes, cpuMs, memory } = cost
    const worst = this.#worst
    // The worst so far may be that of a large message, which may cost more.
    if (this.#exceeds(cost)) return true
    if (cpuMs > worst.cpuMs || (memory ?? 0) > worst.memory) return true
    if (bytes < LARGE_BYTES) return false
    return cpuMs / bytes > worst.cpuPerByte || (memory ?? 0) / bytes > worst.memoryPerByte
  }

  /** The time after which an input counts as one that never ends begins anew. */
  async #run(input: Input, meter: Meter, origin: string): Promise<string> {
    this.#watchdog.watch(input, `${this.#target.name} ${origin}`)
    return this.#target.run(input, meter)
  }

  async #again(input: Input, costs: readonly Cost[], origin: string): Promise<readonly Cost[]> {
    let least = costs
    for (let round = 0; round < REPETITIONS || this.#isTooMuch(least); round++) {
      if (round === MOST_REPETITIONS) break
      // What collects garbage and compiles beside us, and counts as ours, comes to an end.
      if (round >= REPETITIONS) await pause(20)
      const meter = new Meter()
      await this.#run(input, meter, origin)
      least = least.map((cost, index) => cheaper(cost, meter.costs[index] ?? cost))
    }
    return least
  }

  #isTooMuch(costs: readonly Cost[]): boolean {
    return costs.some((cost) => this.#exceeds(cost))
  }

  #exceeds(cost: Cost): boolean {
    return excessOf(cost, this.#target.bounds ?? bounds) !== null
  }

  #count(cost: Cost): void {
    const excess = excessOf(cost, this.#target.bounds ?? bounds)
    if (excess !== null) throw new Error(excess)
    const { bytes, cpuMs, memory } = cost
    const worst = this.#worst
    this.#messages++
    this.#bytes += bytes
    worst.cpuMs = Math.max(worst.cpuMs, cpuMs)
    worst.memory = Math.max(worst.memory, memory ?? 0)
    if (bytes < LARGE_BYTES) return
    worst.cpuPerByte = Math.max(worst.cpuPerByte, cpuMs / bytes)
    worst.memoryPerByte = Math.max(worst.memoryPerByte, (memory ?? 0) / bytes)
  }

  /** Of inputs that are alike, the shortest. */
  #keep(outcome: string, input: Input): void {
    const kept = this.#kept.get(outcome)
    if (kept === undefined || sizeOf(kept.input) > sizeOf(input)) {
      this.#kept.set(outcome, { outcome, input })
    }
  }

  #report(): CampaignReport {
    return {
      name: this.#target.name,
      seed: SEED,
      inputs: this.#inputs,
      messages: this.#messages,
      bytes: this.#bytes,
      outcomes: this.#kept.size,
      worstCpuMs: rounded(this.#worst.cpuMs),
      worstCpuPerByte: rounded(this.#worst.cpuPerByte * 1_000),
      worstMemoryBytes: this.#worst.memory,
      worstMemoryPerByte: rounded(this.#worst.memoryPerByte),
    }
  }
}

/** In words, or `null` for a cost within the bounds. */
function excessOf({ bytes, cpuMs, memory }: Cost, allowed: Bounds): string | null {
  if (cpuMs > allowed.cpuMs + allowed.cpuMsPerByte * bytes) return `${bytes} bytes took ${cpuMs} ms`
  const most = allowed.memoryBytes + allowed.memoryPerByte * bytes
  return (memory ?? 0) > most ? `${bytes} bytes took ${memory} bytes` : null
}

function cheaper(one: Cost, other: Cost): Cost {
  const memory = one.memory === null ? other.memory : Math.min(one.memory, other.memory ?? Infinity)
  return { bytes: one.bytes, cpuMs: Math.min(one.cpuMs, other.cpuMs), memory }
}

function sizeOf(input: Input): number {
  return input.reduce((sum, { length }) => sum + length, 0)
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

function shortened(hex: string): string {
  return hex.length > 4_000 ? `${hex.slice(0, 4_000)}… (${hex.length} digits)` : hex
}

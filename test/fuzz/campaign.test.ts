import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { CAMPAIGN_TIMEOUT_MS, runCampaign, type FuzzTarget } from '../support/fuzz/campaign.js'
import { WATCHER } from '../support/fuzz/watchdog.js'

function targetThat(run: FuzzTarget['run']): FuzzTarget {
  return { name: 'control', generate: (random) => [random.bytes(20)], run }
}

function busy(ms: number): void {
  const before = process.cpuUsage()
  for (;;) {
    const { user, system } = process.cpuUsage(before)
    if (user + system > ms * 1_000) return
  }
}

/** A process whose second input never ends. */
const HANGING = `
const { Worker } = require('node:worker_threads')
const shared = new SharedArrayBuffer(1_000)
const words = new Int32Array(shared, 0, 2)
new Worker(process.argv[1], { eval: true, workerData: { shared, hangMs: 200 } })
words[1] = Buffer.from(shared, 8).write('the second input')
Atomics.add(words, 0, 2)
for (;;) {}
`

describe('control: a campaign', () => {
  it(
    '[A80] names the seed and the bytes of an input that breaks a promise',
    async () => {
      const failing = targetThat(([bytes]) => {
        if ((bytes?.[0] ?? 0) > 100) throw new Error('a broken promise')
        return 'fine'
      })
      const failed = await runCampaign(failing, 1).catch(String)
      expect(failed).toMatch(/control COSCRIBE_SEED=\d+: Error: a broken promise\n[\da-f]{40}$/)
    },
    CAMPAIGN_TIMEOUT_MS,
  )

  it(
    '[A80] notices an input that costs too much each time, and not one that did once',
    async () => {
      let slow = true
      const once = targetThat(async (_input, meter) => {
        await meter.measured(1, () => busy(slow ? 12 : 0))
        slow = false
        return 'fine'
      })
      expect((await runCampaign(once, 1)).worstCpuMs).toBeLessThan(12)
      const always = targetThat(async (_input, meter) => {
        await meter.measured(1, () => busy(12))
        return 'fine'
      })
      await expect(runCampaign(always, 1)).rejects.toThrow(/1 bytes took \d/)
    },
    CAMPAIGN_TIMEOUT_MS,
  )

  it('[A80] ends a process that is kept busy by one input, and says by which', () => {
    const { signal, stderr } = spawnSync(process.execPath, ['-e', HANGING, WATCHER], {
      encoding: 'utf8',
    })
    expect(signal).toBe('SIGKILL')
    expect(stderr).toContain('an input that does not end: the second input')
  })
})

import { UpdateScan, walkUpdate } from '@coscribe/shared'
import { expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { StoredDocumentModel } from '../support/index-model.js'
import { CAMPAIGN_TIMEOUT_MS, runCampaign, type FuzzTarget } from '../support/fuzz/campaign.js'
import { bytesOf, injure, injureRaw } from '../support/fuzz/fields.js'
import { largeUpdate } from '../support/fuzz/forged-large.js'
import { UpdateForge } from '../support/fuzz/forged-updates.js'

const scan = new UpdateScan()
/** Seldom, since one takes as long as hundreds of others. */
const LARGE = 0.01
/** What yjs makes of more takes longer than what is looked for here. */
const INTEGRATED_BYTES = 16 * 1024

/** What yjs throws at bytes that pass, all of it a matter of the document and not of the bytes (see U11). */
const knownThrows = ["Cannot read properties of undefined (reading 'origin')", 'Unexpected case']

const walker: FuzzTarget = {
  name: 'walker',

  generate(random) {
    const forge = new UpdateForge(random)
    const honest = Array.from({ length: random.below(4) }, () => forge.update())
    const hostile = random.chance(LARGE) ? largeUpdate(random) : forge.update()
    if (random.chance(0.9)) injure(random, hostile, [...honest, forge.update()])
    const bytes = bytesOf(hostile)
    const last = random.chance(0.3) ? injureRaw(random, bytes) : bytes
    return [...honest.map(bytesOf), last].map((part) => Uint8Array.from(part))
  },

  async run(input, meter) {
    const model = new StoredDocumentModel()
    const doc = new Y.Doc()
    let outcome = 'nothing'
    for (const update of input) {
      const fault = await meter.measured(update.length, () => walkUpdate(update, scan))
      outcome =
        fault === null ? integrated(model, doc, update) : fault.message.replaceAll(/\d+/g, 'N')
    }
    doc.destroy()
    return outcome
  },
}

function integrated(model: StoredDocumentModel, doc: Y.Doc, update: Uint8Array): string {
  const stored = model.receive(update)
  if (stored === null) return 'known or refused'
  if (update.length > INTEGRATED_BYTES) return 'large'
  try {
    Y.applyUpdate(doc, stored)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    expect(knownThrows).toContain(message)
    return `yjs: ${message}`
  }
  return model.index.hasPending ? 'waits' : 'taken'
}

it(
  '[U25] updates from valid structures with injuries are refused or taken, at a cost bounded by their bytes',
  async () => {
    const silenced = vi.spyOn(console, 'info').mockImplementation(() => undefined)
    const logged = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const report = await runCampaign(walker).finally(() => {
      silenced.mockRestore()
      logged.mockRestore()
    })
    expect(report.outcomes).toBeGreaterThan(10)
  },
  CAMPAIGN_TIMEOUT_MS,
)

import { describe, expect, it } from 'vitest'
import type { CoscribeServer } from '@coscribe/server'
import { count } from '../support/count.js'
import { kinds, putOut, TimedStore, type Outcome } from '../support/put-out.js'
import { folderForTest, startTestServer } from '../support/test-server.js'
import { SECRET } from '../support/tokens.js'

const RUNS = count('COSCRIBE_REVOCATIONS', 20)

interface World {
  readonly server: CoscribeServer
  readonly url: string
  readonly store: TimedStore
}

async function world(setup: Parameters<typeof startTestServer>[0] = {}): Promise<World> {
  const store = new TimedStore({ path: folderForTest() })
  const server = await startTestServer({ authSecret: SECRET, store, ...setup })
  return { server, url: server.url, store }
}

/** What a token says, issued now, whenever it was. */
const authenticate = (credential: string) =>
  Promise.resolve({
    subject: JSON.parse(atob(credential.split('.')[1] ?? '')).sub as string,
    tokenId: '',
    // From a minute ahead on, which counts as issued later than a revocation of now.
    issuedAt: Date.now() + 59_999,
    expiresAt: Date.now() + 120_000,
    grants: { documents: new Map(), prefixes: new Map([['', 'write' as const]]) },
  })

describe('somebody who is put out while they type', () => {
  it(
    `[A63] writes nothing after the answer, in ${RUNS} runs`,
    async () => {
      const here = await world()
      const acts = [
        (subject: string) => here.server.revoke({ subject }),
        (subject: string) => here.server.revoke({ tokenId: `id-${subject}` }),
        (subject: string, document: string) => here.server.revoke({ subject, document }),
      ]
      const outcomes: Outcome[] = []
      for (let run = 0; run < RUNS; run++) {
        const kind = kinds[run % kinds.length] ?? 'coscribe.v1'
        const act = acts[run % acts.length]
        if (act !== undefined) outcomes.push(await putOut(here, kind, `v${run}`, act))
      }
      expect(outcomes.flatMap(({ wrong }) => wrong)).toEqual([])
      const last = outcomes.map(({ lastTakenMs }) => lastTakenMs).toSorted((a, b) => a - b)
      const answered = outcomes.map(({ answeredMs }) => answeredMs).toSorted((a, b) => a - b)
      console.log(
        `${RUNS} revocations: the last edit that was taken was made ${figures(last)} after the call, ` +
          `answered after ${figures(answered)}; none committed after the answer`,
      )
      // They are over in the turn of the call, however busy the machine is.
      expect(last.at(-1)).toBeLessThanOrEqual(0)
    },
    60_000 + RUNS * 15_000,
  )

  it('[A63] control: they go on when nobody is put out', async () => {
    const { wrong } = await putOut(await world(), 'a stock client', 'v', nothing, 500)
    expect(wrong).toHaveLength(3)
  })

  it('[A60] control: a credential that counts as new each time lets in again', async () => {
    const here = await world({ authenticator: { authenticate } })
    const act = (subject: string) => here.server.revoke({ subject })
    const { wrong } = await putOut(here, 'coscribe.v1', 'v', act)
    expect(wrong).toEqual(['the credential lets in again'])
  })
})

/** What somebody does who puts nobody out. */
function nothing(): Promise<void> {
  return Promise.resolve()
}

function figures(sorted: readonly number[]): string {
  const at = (share: number): string =>
    (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)
  return `${at(0.5)} ms (p99 ${at(0.99)} ms)`
}

import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Scenario } from '../bench.js'
import { withLoad } from '../load/generator-process.js'
import { profiled } from '../measure/profiled.js'
import { tokenFor, verifySeconds } from '../measure/verify.js'
import { inRounds, medianOf, rowsOf, withServer } from '../rounds.js'
import type { ServerKind } from '../servers/server-kind.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { figure } from '../table.js'

const AT_ONCE = 16
const ROOMS = 50
const MEMBERS = 4
/** Characters a second of each. */
const RATE = 10
const OPEN = 'open'
const GUARDED = 'with tokens'

/** CPU microseconds. */
interface Sample {
  readonly admission: number
  readonly edit: number
  /** Of jose alone, for one token, in the same round. */
  readonly verify: number
}

/** What it costs to be asked who one is. */
export const admission: Scenario = {
  name: 'admission',
  about: 'CPU of connecting and of typing with tokens and without, and of verifying a token alone',
  run: async (bench) => {
    const own = bench.servers.find(({ dialect, ours }) => ours && dialect === 'coscribe.v1')
    if (own === undefined) return []
    const secret = randomBytes(48).toString('base64')
    const secretFile = join(bench.folder(), 'secret')
    writeFileSync(secretFile, secret)
    const guarded: ServerKind = {
      ...own,
      name: GUARDED,
      command: (data, flags) => own.command(data, [...flags, `--auth-secret-file=${secretFile}`]),
    }
    const token = tokenFor(secret)
    const kinds = [{ ...own, name: OPEN }, guarded]
    const found = await inRounds(bench, 'admission', kinds, async (kind) => ({
      verify: await verifyMicros(bench, token, secret),
      ...(await withServer(bench, kind, (server) => once(bench, server, kind, token))),
    }))
    const middle = (name: string, of: (sample: Sample) => number): number =>
      medianOf(found, name, of)
    const more = middle(GUARDED, byAdmission) - middle(OPEN, byAdmission)
    const verify = middle(GUARDED, ({ verify: micros }) => micros)
    const edits = middle(GUARDED, byEdit) / middle(OPEN, byEdit)
    return [
      {
        title: 'Being asked who one is',
        about:
          'CPU µs of the server for each connection that opens a document and goes, and for each edit in ' +
          `${ROOMS} rooms of ${MEMBERS}; and of jose's jwtVerify alone for the same HS256 token. A connection with a token ` +
          'takes at most twice that more than one without, and an edit at most a tenth more.',
        columns: ['server', 'µs / connection', 'µs / edit', 'µs / jwtVerify'],
        rows: [
          ...rowsOf(found, (_samples, name) => [
            figure(middle(name, byAdmission)),
            figure(middle(name, byEdit)),
            figure(middle(name, ({ verify: micros }) => micros)),
          ]),
          ['more with tokens', `${figure(more / verify)} × jwtVerify`, `${figure(edits)} ×`, ''],
        ],
      },
    ]
  },
}

const byAdmission = ({ admission: micros }: Sample): number => micros
const byEdit = ({ edit }: Sample): number => edit

async function verifyMicros(bench: Bench, token: string, secret: string): Promise<number> {
  const times = bench.quick ? 5_000 : 20_000
  await verifySeconds(token, secret, times)
  return ((await verifySeconds(token, secret, times)) / times) * 1e6
}

async function once(
  bench: Bench,
  server: ServerProcess,
  { name }: ServerKind,
  token: string,
): Promise<Omit<Sample, 'verify'>> {
  const proof = name === GUARDED ? { token } : {}
  const admissionMicros = await connecting(bench, server, proof)
  return { admission: admissionMicros, edit: await typing(bench, server, proof) }
}

type Proof = { readonly token?: string }

function connecting(bench: Bench, server: ServerProcess, proof: Proof): Promise<number> {
  const { port, dialect } = server.address('')
  const plan = {
    port,
    dialect,
    ...proof,
    documentIds: ['door'],
    characters: null,
    known: 0,
    stateVector: Buffer.of(0).toString('base64'),
    offer: Buffer.of(0, 0).toString('base64'),
    stay: false,
  }
  const count = bench.quick ? 2_000 : 6_000
  return withLoad('join', plan, async (load) => {
    await load.call('join', count / 2, AT_ONCE)
    const before = await server.cpuSeconds()
    const { failed } = await load.call('join', count, AT_ONCE)
    if (failed[0] !== undefined) throw new Error(failed[0])
    return (((await server.cpuSeconds()) - before) / count) * 1e6
  })
}

function typing(bench: Bench, server: ServerProcess, proof: Proof): Promise<number> {
  const { port, dialect } = server.address('')
  const plan = {
    port,
    dialect,
    ...proof,
    prefix: 'typed-',
    rooms: ROOMS,
    members: MEMBERS,
    rate: RATE,
  }
  return withLoad('fan-out', plan, async (load) => {
    await load.call('connect')
    await load.call('start')
    await sleep(bench.quick ? 1_000 : 3_000)
    return profiled(bench, server, 'admission-typing', async () => {
      await load.call('mark')
      const before = await server.cpuSeconds()
      await sleep(bench.quick ? 2_000 : 6_000)
      const seconds = (await server.cpuSeconds()) - before
      const { sent } = await load.call('mark')
      return (seconds / sent) * 1e6
    })
  })
}

import type { ClientMessage, SyncMessage } from '@coscribe/shared'
import type { SeededRandom } from '../random.js'
import { byte, counted, number, plain, sequence, sized, text, type ListField } from './fields.js'
import { largePresence, largeStateVector, largeUpdate } from './forged-large.js'
import type { UpdateForge } from './forged-updates.js'

/** The document that hostile messages are about. */
export const TARGET_DOCUMENT = 'doc'

const states = [
  '{"user":{"name":"eve"}}',
  '{}',
  'null',
  '[1]',
  '{"a":{"b":{"c":{"d":{"e":1}}}}}',
  '"x"',
]

/** An awareness update of up to three clients. */
export function forgedPresence(random: SeededRandom, clients: readonly number[]): ListField {
  const entries = Array.from({ length: random.chance(0.7) ? 1 : random.below(4) }, () => {
    const clock = random.chance(0.8) ? random.below(6) : random.pick([2 ** 31 - 1, 2 ** 20])
    const state = random.chance(0.02) ? `{"a":"${'x'.repeat(5_000)}"}` : random.pick(states)
    return sequence(number(random.pick(clients)), number(clock), text(state))
  })
  return counted(entries)
}

type Forge = (random: SeededRandom, updates: UpdateForge) => ListField

/** A message of each type that clients send. One that is new does not compile until it stands here. */
const syncForges: { readonly [Type in SyncMessage['type']]: Forge } = {
  'sync-step-1': (_random, updates) => sequence(number(0), number(0), sized(updates.stateVector())),
  'sync-step-2': (_random, updates) => sequence(number(0), number(1), sized(updates.update())),
  update: (_random, updates) => sequence(number(0), number(2), sized(updates.update())),
  presence: (random) => sequence(number(1), sized(forgedPresence(random, [7, 8, 9, 2 ** 32 - 1]))),
  'query-presence': () => sequence(number(3)),
}

/** Credentials of {@link HostileWorld}, and what nobody accepts. */
const inBandCredentials = ['write', 'read', 'nobody', '', 'x'.repeat(300)] as const

const titles = ['', 'a title', '\u202e\0\n', 'x'.repeat(600), 'x'.repeat(601)] as const

const coscribeForges: {
  readonly [Type in Exclude<ClientMessage['type'], SyncMessage['type']>]: Forge
} = {
  open: (random) =>
    sequence(
      number(80),
      number(random.pick([1, 1, 1, 0, 2])),
      text(
        random.chance(0.9)
          ? TARGET_DOCUMENT
          : random.pick(['other', '', '.', 'a\0b', 'x'.repeat(300)]),
      ),
      text(random.pick(['', '', 's3cret'])),
      text(random.pick(['', '', 'another'])),
      ...(random.chance(0.8)
        ? [byte(0)]
        : [byte(1), text('history'), text('incarnation'), number(random.below(9))]),
    ),
  auth: (random) => sequence(number(81), text(random.pick(inBandCredentials))),
  leave: () => sequence(number(82)),
  rename: (random) => sequence(number(83), text(random.pick(titles))),
  ping: () => sequence(number(98)),
  pong: () => sequence(number(99)),
}

const forSocket = new Set(['ping', 'pong'])

/** Seldom, since one takes as long as hundreds of others. */
const LARGE = 0.004

/** A message as large as people's are not. */
function large(random: SeededRandom): ListField {
  const kind = random.below(4)
  if (kind === 0) return sequence(number(0), number(0), sized(largeStateVector(random)))
  if (kind === 1) return sequence(number(1), sized(largePresence(random)))
  return sequence(number(0), number(kind - 1), sized(largeUpdate(random)))
}

/** A message of a y-websocket client. */
export function forgedStock(random: SeededRandom, updates: UpdateForge): ListField {
  if (random.chance(LARGE)) return large(random)
  if (random.chance(0.03)) return sequence(number(random.below(256)), sized(plain(random.bytes(9))))
  return random.pick(Object.values(syncForges))(random, updates)
}

/** A frame of a `coscribe.v1` client. */
export function forgedFrame(random: SeededRandom, updates: UpdateForge): ListField {
  const isOwn = random.chance(0.25)
  if (!isOwn) return sequence(number(channel(random)), forgedStock(random, updates))
  const [name, forge] = random.pick(Object.entries(coscribeForges))
  return sequence(number(forSocket.has(name) ? 0 : channel(random)), forge(random, updates))
}

/** The first frame of a client that means to write. */
export function forgedOpening(): ListField {
  return sequence(...[1, 80, 1].map(number), text(TARGET_DOCUMENT), text(''), text(''), byte(0))
}

function channel(random: SeededRandom): number {
  return random.chance(0.9) ? 1 : random.pick([0, 2, 3, 65_535, 65_536])
}

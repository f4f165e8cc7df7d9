import { expect, it, onTestFinished, vi } from 'vitest'
import type { ResolvedUsers } from '../../client/src/editor/resolved-users.js'
import { UserBook } from '../../client/src/editor/user-book.js'
import { lookFrom } from '../../client/src/editor/user-look.js'
import { ManualClock } from '../support/manual-clock.js'
import { come } from '../support/presence-of-others.js'
import { seededRandom } from '../support/random.js'
import { ScriptedRoom } from '../support/scripted-room.js'

/** A question that a test answers. */
interface Asked {
  readonly ids: readonly string[]
  readonly signal: AbortSignal
  readonly answer: (users: unknown) => Promise<void>
  readonly fail: () => Promise<void>
}

/** Resolves when what follows an answer has happened. */
function settled(): Promise<void> {
  return new Promise((done) => setTimeout(done))
}

function open(user: object = {}, listen = (): void => undefined) {
  const scripted = new ScriptedRoom({ user: { ...user } })
  const clock = new ManualClock()
  const asked: Asked[] = []
  const changed: string[] = []
  const failures: string[] = []
  const book = new UserBook({
    room: scripted.room,
    clock,
    random: seededRandom(1),
    resolve: (ids, { signal }) =>
      new Promise<ResolvedUsers>((resolve, reject) => {
        asked.push({
          ids,
          signal,
          answer: (users) => (resolve(users as ResolvedUsers), settled()),
          fail: () => (reject(new Error('no')), settled()),
        })
      }),
    changed: (ids) => {
      changed.push(ids.join())
      listen()
    },
    failed: (error) => failures.push(String(error)),
  })
  onTestFinished(() => book.stop())
  /** Lets time pass until there is the question of this number, which has not been waited for too long then. */
  const until = (number: number): void => {
    while (asked.length <= number) clock.advance(50)
  }
  return { scripted, clock, asked, changed, failures, book, until }
}

it('[E166] asks once about everybody who says who they are, many at a time, one call after the other', async () => {
  const { scripted, clock, asked, changed, book } = open({ id: 'me' })
  const many = Array.from({ length: 130 }, (_, i) => ({ id: `p${i}` }))
  come(
    scripted,
    ...many,
    { user: { id: 'vouched' }, id: 'claimed' },
    { name: 'nobody' },
    { id: 'p0' },
  )
  clock.advance(100)
  const [first] = asked
  expect([asked.length, first?.ids.length, first?.ids[0]]).toEqual([1, 1, 'me'])
  await first?.answer([{ name: 'Me' }])
  clock.advance(100)
  expect([asked[1]?.ids.length, asked[1]?.ids[0], book.isAwaited('p0')]).toEqual([100, 'p0', true])
  await asked[1]?.answer(asked[1].ids.map((id) => ({ name: `The ${id}` })))
  clock.advance(100)
  expect([asked[2]?.ids.length, asked[2]?.ids.at(-1)]).toEqual([31, 'vouched'])
  await asked[2]?.answer([null, 'x', { hue: 3 }])
  expect([book.of('me'), book.of('p5'), book.of('p100'), book.of('p102')]).toEqual([
    { name: 'Me' },
    { name: 'The p5' },
    {},
    { hue: 3 },
  ])
  expect([book.isAwaited('p100'), book.isAwaited('vouched')]).toEqual([false, false])
  come(scripted, { id: 'p5', name: 'again' })
  clock.advance(10_000)
  expect([asked.length, changed.length]).toEqual([3, 3])

  book.refresh(['p5', 'unheard'])
  clock.advance(100)
  expect([asked[3]?.ids, book.of('p5')]).toEqual([['p5'], { name: 'The p5' }])
  await asked[3]?.answer([{ name: 'Other' }])
  expect(book.of('p5')).toEqual({ name: 'Other' })
})

it('[E167] goes on without an answer, says so once, asks again later each time, and ends with its editor', async () => {
  const { scripted, clock, asked, changed, failures, book, until } = open()
  come(scripted, { id: 'ada', name: 'Ada' })
  until(0)
  await asked[0]?.fail()
  expect([book.of('ada'), book.isAwaited('ada'), failures, changed]).toEqual([
    {},
    false,
    ['Error: no'],
    ['ada'],
  ])
  until(1)
  expect([asked[1]?.ids, asked[1]?.signal.aborted]).toEqual([['ada'], false])
  clock.advance(10_000)
  expect(asked[1]?.signal.aborted).toBe(true)
  await asked[1]?.answer([{ name: 'Too late' }])
  until(2)
  await asked[2]?.answer({ length: 1, 0: { name: 'No list' } })
  expect([book.of('ada'), failures.length]).toEqual([{}, 1])
  until(3)
  await asked[3]?.answer([{ name: 'Ada Lovelace' }])
  expect([book.of('ada'), failures.length]).toEqual([{ name: 'Ada Lovelace' }, 1])
  come(scripted, { id: 'ben' })
  until(4)
  book.stop()
  expect([asked[4]?.signal.aborted, clock.waiting]).toEqual([true, 0])
  clock.advance(600_000)
  expect(asked.length).toBe(5)
})

it('[E167] takes a list that throws when it is read for none', async () => {
  const { scripted, asked, failures, book, until } = open()
  come(scripted, { id: 'ada' })
  until(0)
  const throwing = new Proxy([], {
    get: (target, key) => {
      if (key === '0') throw new Error('not to be read')
      return Reflect.get(target, key) as unknown
    },
  })
  await asked[0]?.answer(throwing)
  expect([failures, book.isAwaited('ada')]).toEqual([['Error: not to be read'], false])
  until(1)
  expect(asked[1]?.ids).toEqual(['ada'])
})

it('[E177] awaits who has just come, whoever looks first', () => {
  const { scripted, clock, book } = open()
  clock.advance(1_000)
  come(scripted, { id: 'ada', name: 'Your boss' })
  expect([book.isAwaited('ada'), book.isAwaited('nobody')]).toEqual([true, false])
})

it('[E178] asks also while it is told to ask again all the time', async () => {
  const { scripted, clock, asked, book, until } = open()
  come(scripted, { id: 'ada' })
  until(0)
  await asked[0]?.answer([{ name: 'Ada' }])
  for (let turn = 0; turn < 20; turn++) {
    book.refresh()
    clock.advance(25)
  }
  expect(asked.map(({ ids }) => ids)).toEqual([['ada'], ['ada']])
})

it('[E178] asks on when who is told of an answer throws', async () => {
  const { scripted, clock, asked, until } = open({}, () => {
    throw new Error('a listener of the application')
  })
  const uncaught = vi.fn()
  process.on('unhandledRejection', uncaught)
  onTestFinished(() => void process.off('unhandledRejection', uncaught))
  come(scripted, ...Array.from({ length: 130 }, (_, i) => ({ id: `p${i}` })))
  until(0)
  await asked[0]?.answer([])
  clock.advance(100)
  expect(asked.map(({ ids }) => ids.length)).toEqual([100, 30])
})

it('[E167] knows a thousand people, and of more those who are here', async () => {
  const { scripted, clock, asked, book } = open()
  come(scripted, ...Array.from({ length: 1_200 }, (_, i) => ({ id: `p${i}` })))
  for (let turn = 0; turn < 20; turn++) {
    clock.advance(100)
    await asked.at(-1)?.answer([])
  }
  expect(new Set(asked.flatMap(({ ids }) => ids)).size).toBe(1_000)
  expect(book.isAwaited('p1199')).toBe(false)
})

it('[E167] takes of an answer what can be shown', () => {
  const hostile = {
    name: ` \u202e<b>${'x'.repeat(1_000)}`,
    hue: 16,
    avatar: 'javascript:alert(1)',
    html: '<img onerror>',
  }
  expect(lookFrom(hostile)).toEqual({ name: `<b>${'x'.repeat(37)}` })
  for (const avatar of [
    '',
    'data:text/html,x',
    'ftp://x/y',
    'http://',
    {},
    `https://x/${'y'.repeat(70_000)}`,
  ])
    expect(lookFrom({ avatar, name: 7, hue: '3' })).toEqual({})
  for (const avatar of [
    'https://x.test/a.png',
    'data:image/png;base64,AA==',
    'blob:https://x.test/1',
  ])
    expect(lookFrom({ avatar })).toEqual({ avatar })
  const thrower = {
    get name() {
      throw new Error('no')
    },
  }
  expect([lookFrom(thrower), lookFrom(null), lookFrom(undefined)]).toEqual([{}, {}, {}])
})

// @vitest-environment jsdom
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import type { ApiClient, Asked, Outcome } from '../../client/src/page/api-client.js'
import { ShareDialog } from '../../client/src/page/share/share-dialog.js'

beforeAll(() => {
  document.documentElement.lang = 'en'
  ShareDialog.define()
  // What there is no browser for here.
  vi.stubGlobal('CSS', { escape: (text: string) => text })
  Object.assign(HTMLDialogElement.prototype, {
    showModal(this: HTMLDialogElement) {
      this.open = true
    },
  })
})

afterAll(() => vi.unstubAllGlobals())

interface Request {
  readonly what: string
  readonly fail: () => Promise<void>
  readonly answer: (value: unknown) => Promise<void>
}

/** An open dialog of somebody who administers `plan`, and what it asks its server. */
async function openDialog(): Promise<{ dialog: ShareDialog; asked: Request[] }> {
  const asked: Request[] = []
  const ask = <Value>({ method, read }: Asked<Value>): Promise<Outcome<Value>> =>
    new Promise((resolve) => {
      const come = async (outcome: Outcome<Value>): Promise<void> => {
        resolve(outcome)
        for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      }
      asked.push({
        what: method,
        answer: (value) => come({ kind: 'done', value: read(value) as Value }),
        fail: () => come({ kind: 'unreachable' }),
      })
    })
  const dialog = new ShareDialog()
  Object.assign(dialog, {
    client: { ask } as ApiClient,
    document: { id: 'plan', title: 'Plan', access: 'admin' },
    guarded: true,
  })
  document.body.append(dialog)
  onTestFinished(() => dialog.remove())
  await dialog.updateComplete
  dialog.open()
  return { dialog, asked }
}

function rows(dialog: ShareDialog): (string | undefined)[] {
  return [...dialog.querySelectorAll('li')].map(({ dataset }) => dataset['id'])
}

const old = { id: 'old', access: 'read', expiresAt: 1 }
const fresh = { id: 'new', access: 'read', expiresAt: 1, token: 'secret' }

it('[E91] a link is listed once that was made while the list was on its way, however the answers come', async () => {
  const { dialog, asked } = await openDialog()
  dialog.querySelector<HTMLElement>('#make-link')?.click()
  await asked[1]?.answer(fresh)
  // As it was before.
  await asked[0]?.answer({ links: [old] })
  expect(rows(dialog)).toEqual(['new'])
  await asked[2]?.answer({ links: [old, fresh] })
  expect(rows(dialog)).toEqual(['old', 'new'])
  const second = { ...fresh, id: 'second' }
  dialog.querySelector<HTMLElement>('#make-link')?.click()
  dialog.open()
  await asked[4]?.answer({ links: [old, fresh, second] })
  await asked[3]?.answer(second)
  expect(rows(dialog)).toEqual(['old', 'new', 'second'])
  expect(asked.map(({ what }) => what)).toEqual(['GET', 'POST', 'GET', 'POST', 'GET'])
})

it.each([
  ['was', (request?: Request) => request?.answer({})],
  ['could not be', (request?: Request) => request?.fail()],
])(
  '[E91, E92] a link that %s taken back is told of in the dialog of its document only',
  async (_name, come) => {
    const { dialog, asked } = await openDialog()
    await asked[0]?.answer({ links: [old] })
    for (let press = 0; press < 2; press++) {
      dialog.querySelector<HTMLElement>(press === 0 ? 'li button' : 'li .danger')?.click()
      await dialog.updateComplete
    }
    dialog.document = { id: 'other', title: 'Other', access: 'admin' }
    dialog.open()
    await dialog.updateComplete
    await come(asked[1])
    expect(asked.map(({ what }) => what)).toEqual(['GET', 'DELETE', 'GET'])
    expect(dialog.querySelector('[role=status]')?.textContent).toBe('')
    expect(dialog.querySelector('[role=alert]')?.textContent).toBe('')
    expect(document.activeElement).toBe(document.body)
  },
)

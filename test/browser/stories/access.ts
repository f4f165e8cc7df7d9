import type { CoscribeEditor } from '@coscribe/client/editor'
import { expect } from 'vitest'
import * as Y from 'yjs'
import { findings } from '../../support/axe.js'
import type { BrowserPeople, BrowserPerson } from '../../support/browser-people.js'
import { startGuardedServer } from '../../support/guarded-server.js'
import { startHostPage } from '../../support/host-page.js'
import { seconds, tokenFor } from '../../support/tokens.js'

type Locator = ReturnType<BrowserPerson['page']['getByRole']>

export function field({ page }: BrowserPerson): Locator {
  return page.getByRole('textbox', { name: 'Invite link or access token' })
}

export function heading({ page }: BrowserPerson, name: string): Locator {
  return page.getByRole('heading', { name })
}

type Stored = Awaited<ReturnType<typeof startGuardedServer>>['stored']

/** The text of a document on the server. */
async function storedText(stored: Stored, documentId: string): Promise<string> {
  const doc = new Y.Doc()
  for (const part of (await stored(documentId)).split(' '))
    Y.applyUpdate(doc, Buffer.from(part, 'hex'))
  return doc.getText('content').toString()
}

/** Somebody's access ends while they write, and nobody renews it: they go on, and come in with another token. */
export async function accessEnds(people: BrowserPeople): Promise<void> {
  const { url, forward, stored } = await startGuardedServer()
  const ada = await people.person({ installs: false })
  await ada.page.goto(`${url}/d/doc#token=${await tokenFor('ada', { doc: 'write' })}`)
  await ada.saved()
  await ada.write('before ')
  await ada.saved()
  forward(3_600_000)
  await heading(ada, 'Your access has ended').waitFor()
  await ada.write('meanwhile')
  await ada.status.getByText('your changes are kept on this device').first().waitFor()
  expect(await findings(ada)).toEqual([])
  const exp = Math.floor(Date.now() / 1_000) + 7_200
  await field(ada).fill(await tokenFor('ada', { doc: 'write' }, { exp }))
  await field(ada).press('Enter')
  await ada.saved()
  await heading(ada, 'Your access has ended').waitFor({ state: 'detached' })
  expect(await storedText(stored, 'doc')).toBe('before meanwhile')
}

interface Told {
  /** What tokens were asked for. */
  readonly reasons: string[]
  /** Connections that the room has had. */
  readonly connections: string[]
}

/** When the first token was issued, from now: it is renewed a minute before its end, which is in four seconds. */
const FIRST_TOKEN_S = { iat: -56, exp: 64 }

function tokenOf(iat: number, exp: number): Promise<string> {
  return tokenFor('ada', { minutes: 'write' }, { iat: seconds(iat), exp: seconds(exp) })
}

/**
 * Somebody writes while their token ends, which the page renews without a word; while the right to write is taken away,
 * when what was not sent is kept, and given back.
 */
export async function accessIsRenewedAndTaken(people: BrowserPeople): Promise<void> {
  const { server, url, forward, stored } = await startGuardedServer()
  const host = await startHostPage(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title>
<script defer src="${url}/coscribe-editor.js"></script>
<main><coscribe-editor url="${url}" doc="minutes" features="status" offline-copy="off"></coscribe-editor></main>`,
    `default-src 'none'; script-src ${url}; connect-src ${url.replace('http', 'ws')}`,
  )
  const ada = await people.person({ installs: false })
  await ada.page.goto(host)
  await ada.page.waitForFunction(() => customElements.get('coscribe-editor') !== undefined)
  const told = await ada.page.evaluateHandle(
    (tokens) => {
      const kept: Told = { reasons: [], connections: [] }
      const editor = document.querySelector<CoscribeEditor>('coscribe-editor')
      if (editor === null) throw new Error('there is no editor')
      editor.token = (reason) => {
        kept.reasons.push(reason)
        return tokens[kept.reasons.length - 1] ?? ''
      }
      editor.addEventListener('coscribe-status', ({ detail }) => {
        if (kept.connections.at(-1) !== detail.connection) kept.connections.push(detail.connection)
      })
      return kept
    },
    [await tokenOf(FIRST_TOKEN_S.iat, FIRST_TOKEN_S.exp), await tokenOf(0, 36_000)],
  )
  await ada.saved()
  await ada.write('before')
  await expect
    .poll(
      async () => {
        await ada.write('.')
        return (await told.jsonValue()).reasons
      },
      // Who comes when that is over renews in half of the rest.
      { timeout: 60_000 },
    )
    .toEqual(['session', 'renewal'])
  // From here on the first one is worth nothing.
  forward(600_000)
  await ada.write(' after')
  await ada.saved()
  expect(await storedText(stored, 'minutes')).toMatch(/^before\.+ after$/)
  expect((await told.jsonValue()).connections.at(-1)).toBe('connected')
  expect((await told.jsonValue()).connections).not.toContain('reconnecting')

  const target = { subject: 'ada', document: 'minutes' }
  const written = writeWhileAllowed(ada)
  await expect.poll(() => storedText(stored, 'minutes')).toMatch(/ after\d+$/)
  expect((await server.setAccess(target, 'read')).sessions).toBe(1)
  const text = await written
  await isReadOnly(ada, true)
  await ada.write(', nobody may')
  expect(await ada.shown()).toBe(text)
  await server.setAccess(target, 'write')
  await ada.saved()
  await isReadOnly(ada, false)
  await ada.write(', again')
  await ada.saved()
  expect(await storedText(stored, 'minutes')).toBe(`${text}, again`)
}

/** Writes on until nobody may, and resolves to the text as it is then. */
function writeWhileAllowed({ page }: BrowserPerson): Promise<string> {
  return page.evaluate(async () => {
    const view = document.querySelector<CoscribeEditor>('coscribe-editor')?.handle?.view
    if (view === undefined) throw new Error('there is no editor')
    for (let i = 0; !view.state.readOnly; i++) {
      view.dispatch({ changes: { from: view.state.doc.length, insert: String(i % 10) } })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return view.state.doc.toString()
  })
}

async function isReadOnly({ page }: BrowserPerson, wanted: boolean): Promise<void> {
  await page.waitForFunction(
    (is) => document.querySelector('coscribe-editor')?.matches(':state(readonly)') === is,
    wanted,
  )
}

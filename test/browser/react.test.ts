import { connect } from '@coscribe/client'
import { fileURLToPath } from 'node:url'
import { build, type Rollup } from 'vite'
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { BrowserPeople } from '../support/browser-people.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { startHostPage } from '../support/host-page.js'
import type { ReactSetup } from '../support/react-app.js'
import { tokenFor } from '../support/tokens.js'

let people: BrowserPeople
let script: string
beforeAll(async () => {
  people = await BrowserPeople.start()
  script = await bundle()
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** The app as a developer has it: only React's development build mounts everything twice in StrictMode. */
async function bundle(): Promise<string> {
  const outputs = (await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"development"' },
    resolve: { conditions: ['coscribe-source', 'module', 'browser', 'development'] },
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL('../support/react-app.ts', import.meta.url)),
        formats: ['iife'],
        name: 'app',
      },
    },
  })) as Rollup.RollupOutput[]
  return outputs.map(({ output: [chunk] }) => chunk.code).join('\n')
}

it('[E122, E166] the React wrapper connects once in StrictMode, whatever is written in place, and leaves', async () => {
  const { server, url } = await startGuardedServer()
  const rights = { react: 'write', other: 'write' } as const
  const [token, bens] = await Promise.all([tokenFor('ada', rights), tokenFor('ben', rights)])
  const { page, errors } = await people.person()
  await page.goto(await startHostPage('<!doctype html><title>App</title><body>', ''))
  await page.evaluate(
    (setup: ReactSetup) => {
      window.setup = setup
    },
    { url, token },
  )
  await page.addScriptTag({ content: script })
  const text = page.getByRole('textbox', { name: 'Text' })
  await text.waitFor()
  expect(server.connections).toBe(1)
  expect(await page.locator('#fallback').count()).toBe(0)

  await text.focus()
  await page.keyboard.type('from Ada')
  await expect.poll(() => page.locator('#facts').textContent()).toContain('"first":"from Ada"')
  const ben = connect({ url, doc: 'react', token: bens, WebSocket, user: { name: 'Ben' } })
  onTestFinished(() => ben.destroy())
  await ben.whenReady()
  expect(ben.text('content').toString()).toBe('from Ada')
  await expect.poll(() => page.locator('#others').textContent()).toContain('1 ')
  ben.text('content').insert(0, 'Ben and ')
  await expect
    .poll(() => page.locator('#facts').textContent())
    .toContain('"first":"Ben and from Ada"')

  // Rendered again with other functions and objects: the same connection, the same editor.
  await text.evaluate((element) => element.setAttribute('data-first', ''))
  await page.locator('#again').click()
  await page.locator('.cm-lineNumbers').waitFor()
  for (let i = 2; i <= 3; i++) await page.locator('#again').click()
  await page.locator('.cm-lineNumbers').waitFor({ state: 'detached' })
  expect(await page.locator('[data-place]').getAttribute('data-place')).toBe('3')
  await expect.poll(() => page.locator('#facts').textContent()).toContain('"name":"Ada 3"')
  expect(await page.locator('[data-first]').count()).toBe(1)
  expect(server.connections).toBe(2)
  await expect
    .poll(async () => {
      // A pause while typing, as of a busy machine, makes another step.
      if (await page.locator('#undo').isEnabled()) await page.locator('#undo').click()
      return ben.text('content').toString()
    })
    .toBe('Ben and ')
  const notes = await page.evaluate(() => {
    const { changes, saves, renders, asked } = window.notes
    return { changes, saves, renders, asked }
  })
  // By another function at each rendering, and all the same once.
  expect(notes.asked).toEqual(['ben'])
  expect(notes.changes).toContain('local 0')
  expect(notes.changes).toContain('local 3')
  const early = notes.saves.filter(([said, save]) => said === 'saved' && save !== 'saved')
  expect(early).toEqual([])
  expect(notes.saves.map(([said]) => said)).toContain('settling')
  // Typing changes neither who is here nor the connection.
  expect(notes.renders.others).toBeLessThan(notes.saves.length)

  await page.locator('#other').click()
  await expect.poll(() => page.locator('#facts').textContent()).toContain('"first":""')
  await expect.poll(() => server.connections).toBe(2)
  await page.evaluate(() => window.notes.root.unmount())
  await expect.poll(() => server.connections).toBe(1)
  expect(errors).toEqual([])
})

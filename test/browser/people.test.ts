import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings } from '../support/axe.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { startTestServer } from '../support/test-server.js'

const LINES = 200
const WAIT = { timeout: 30_000 }

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

/** Ada with a long text, and Ben. */
async function adaAndBen(before?: (ben: BrowserPerson) => Promise<void>) {
  const { url } = await startTestServer()
  const ada = await people.person({
    before: [() => localStorage.setItem('coscribe.name', 'Ada')],
    context: { colorScheme: 'dark' },
  })
  await ada.open(url)
  await ada.text.focus()
  const lines = Array.from({ length: LINES }, (_, i) => `line ${i + 1}`)
  await ada.page.keyboard.insertText(lines.join('\n'))
  const ben = await people.person({
    before: [
      () => {
        if (localStorage.getItem('coscribe.name') === null)
          localStorage.setItem('coscribe.name', 'Ben')
      },
    ],
  })
  await before?.(ben)
  await ben.open(ada.page.url())
  await ben.reads(lines.join('\n'))
  return { ada, ben }
}

/** Puts the caret into a line. */
async function goTo({ page }: BrowserPerson, line: number): Promise<void> {
  await page.evaluate((number) => {
    const view = document.querySelector('coscribe-editor')?.handle?.view
    view?.focus()
    const anchor = view?.state.doc.line(number).to ?? 0
    view?.dispatch({ selection: { anchor }, scrollIntoView: true, userEvent: 'select' })
  }, line)
}

/** The lines of others' carets that can be seen on the screen. */
function linesSeen({ page }: BrowserPerson): Promise<readonly number[]> {
  return page.evaluate(() => {
    const editor = document.querySelector('coscribe-editor')
    const view = editor?.handle?.view
    const main = document.querySelector('main')?.getBoundingClientRect()
    const carets = editor?.shadowRoot?.querySelectorAll('.cm-coscribeCaret') ?? []
    if (view === undefined || main === undefined) return []
    return [...carets].flatMap((caret) => {
      const { left, top, bottom } = caret.getBoundingClientRect()
      if (top < main.top || bottom > main.bottom) return []
      const at = view.posAtCoords({ x: left + 1, y: (top + bottom) / 2 })
      return at === null ? [] : [view.state.doc.lineAt(at).number]
    })
  })
}

function following({ page }: BrowserPerson): Promise<string | null | undefined> {
  return page.evaluate(() => document.querySelector('coscribe-editor')?.handle?.following)
}

async function press({ page }: BrowserPerson, name: string): Promise<void> {
  await page.locator('#everybody').click()
  await page.locator('coscribe-avatars').getByRole('button', { name, exact: true }).last().click()
}

/** The faces of others, by what they are called. */
function faces({ page }: BrowserPerson): Promise<readonly (string | null)[]> {
  return page
    .locator('coscribe-avatars .people .face:not(.own)')
    .evaluateAll((all) => all.map((face) => face.getAttribute('title')))
}

/** Keeps what is read out in the editor: it is there for a fifth of a second only. */
async function listen({ page }: BrowserPerson): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const said: (string | null)[] = []
    Object.assign(window, { heard: said })
    const root = document.querySelector('coscribe-editor')?.shadowRoot
    const live = root?.querySelector('.cm-announced')
    if (live === null || live === undefined) throw new Error('nothing can be read out')
    new MutationObserver(() => {
      const { lastElementChild } = live
      if (lastElementChild !== null) said.push(lastElementChild.textContent)
    }).observe(live, { childList: true })
  })
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard)
}

describe('people on the page', () => {
  it('[E100, E101, E102] are one face each, are gone to, followed, and let go of', async () => {
    const { ada, ben } = await adaAndBen()
    const tab = await people.tab(ben)
    await tab.open(ada.page.url())
    await goTo(ben, 150)
    await expect.poll(() => faces(ada), WAIT).toEqual(['Ben'])
    await goTo(ada, 1)
    const heard = await listen(ada)
    await ada.page.locator('#everybody').click()
    await ada.page.getByRole('button', { name: 'Follow Ben' }).waitFor()
    expect(await findings(ada)).toEqual([])
    await ada.page.keyboard.press('Escape')

    await press(ada, 'Jump to Ben')
    await expect.poll(() => linesSeen(ada), WAIT).toEqual([150])
    expect(await ada.page.evaluate(() => document.activeElement?.localName)).toBe('coscribe-editor')
    expect(await heard()).toEqual(['Ben is in line 150'])

    await press(ada, 'Follow Ben')
    await ada.page.getByRole('button', { name: 'Stop following Ben' }).waitFor()
    expect(await findings(ada)).toEqual([])
    await goTo(ben, 20)
    await expect.poll(() => linesSeen(ada), WAIT).toEqual([20])
    await ben.page.keyboard.insertText('\nmore'.repeat(60))
    await expect.poll(() => linesSeen(ada), WAIT).toEqual([80])
    await goTo(ada, 78)
    expect(await following(ada)).toEqual(expect.any(String))

    await ada.page.mouse.move(500, 400)
    await ada.page.mouse.wheel(0, 900)
    await expect.poll(() => following(ada), WAIT).toBeNull()
    await press(ada, 'Follow Ben')
    await ada.page.keyboard.press('Escape')
    expect(await following(ada)).toBeNull()
    await press(ada, 'Follow Ben')
    await goTo(ada, 80)
    await ada.page.keyboard.type('x')
    expect(await following(ada)).toBeNull()
    await press(ada, 'Follow Ben')
    await Promise.all([ben, tab].map(({ page }) => page.close()))
    await expect.poll(() => following(ada), WAIT).toBeNull()
    expect((await heard()).at(-1)).toBe('Ben has left, you are no longer following')
    expect(ada.errors).toEqual([])
  })

  it('[E103, E104] are idle, away and called otherwise, and others see it', async () => {
    const { ada, ben } = await adaAndBen(({ page }) => page.clock.install())
    await expect.poll(() => faces(ada), WAIT).toEqual(['Ben'])
    await ben.page.clock.fastForward(61_000)
    await expect.poll(() => faces(ada), WAIT).toEqual(['Ben (idle)'])
    await ben.page.mouse.move(300, 300)
    await expect.poll(() => faces(ada), WAIT).toEqual(['Ben'])
    await hide(ben, 'hidden')
    await expect.poll(() => faces(ada), WAIT).toEqual(['Ben (away)'])
    await hide(ben, 'visible')
    await ben.page.locator('#own-name').click()
    await ben.page.getByRole('textbox', { name: 'Your name' }).fill('Grace')
    await ben.page.getByRole('radio', { name: 'Violet' }).check()
    expect(await findings(ben)).toEqual([])
    await ben.page.getByRole('button', { name: 'Use both' }).click()
    await expect.poll(() => faces(ada), WAIT).toEqual(['Grace'])
    const face = ada.page.locator('coscribe-avatars .people .face:not(.own)')
    await expect.poll(() => face.getAttribute('data-hue'), WAIT).toBe('13')
    await ben.page.reload()
    await ben.saved()
    await expect.poll(() => face.getAttribute('data-hue'), WAIT).toBe('13')
    expect(await faces(ada)).toEqual(['Grace'])
  })
})

async function hide({ page }: BrowserPerson, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
}

/** How many carets of others were on the screen at each frame, and how far along the first one was. */
interface Frame {
  readonly count: number
  readonly left: number
}

/** Records what is on the screen after each frame, until it is told to stop. */
async function record({ page }: BrowserPerson): Promise<() => Promise<readonly Frame[]>> {
  await page.evaluate(() => {
    const frames: Frame[] = []
    Object.assign(window, { coscribeFrames: frames })
    const note = (): void => {
      const root = document.querySelector('coscribe-editor')?.shadowRoot
      const carets = root?.querySelectorAll('.cm-coscribeCaret') ?? []
      const left = carets[0]?.getBoundingClientRect().left ?? -1
      frames.push({ count: carets.length, left })
    }
    // After everything else of the frame, cursors among it, was drawn.
    const next = (): void => void requestAnimationFrame(() => setTimeout(() => (note(), next())))
    next()
  })
  return () =>
    page.evaluate(() => (window as unknown as { coscribeFrames: Frame[] }).coscribeFrames.splice(0))
}

describe('the caret of somebody who types', () => {
  it('[E109] is there in every frame and goes only forward', async () => {
    const { ada, ben } = await adaAndBen()
    await goTo(ada, 1)
    await goTo(ben, 3)
    await expect.poll(() => linesSeen(ada), WAIT).toEqual([3])
    const stop = await record(ada)
    await ben.page.keyboard.type('x'.repeat(60), { delay: 15 })
    await expect.poll(async () => (await ada.content()).includes('x'.repeat(60)), WAIT).toBe(true)
    const frames = await stop()
    expect(frames.length).toBeGreaterThan(5)
    expect(frames.filter(({ count }) => count !== 1)).toEqual([])
    const back = frames.filter(({ left }, i) => left < (frames[i - 1]?.left ?? 0) - 0.5)
    expect(back).toEqual([])
    expect(new Set(frames.map(({ left }) => left)).size).toBeGreaterThan(3)

    // Control: one that goes for a moment is noticed.
    await ben.page.evaluate(async () => {
      const presence = document.querySelector('coscribe-editor')?.room?.presence
      const cursor = presence?.self?.['cursor']
      presence?.set({ cursor: null })
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      presence?.set({ cursor })
    })
    await expect.poll(() => linesSeen(ada), WAIT).toEqual([3])
    expect((await stop()).some(({ count }) => count === 0)).toBe(true)
  })
})

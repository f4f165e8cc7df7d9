import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings } from '../support/axe.js'
import { BrowserPeople, type BrowserPerson } from '../support/browser-people.js'
import { adaAndBen, faces, goTo, linesSeen } from '../support/people-hands.js'
import { peopleAreFollowed } from './stories/following.js'

const WAIT = { timeout: 30_000 }

let people: BrowserPeople
beforeAll(async () => {
  people = await BrowserPeople.start({ installs: false })
})
afterEach(() => people.leave())
afterAll(() => people.stop())

describe('people on the page', () => {
  it('[E100, E101, E102] are one face each, are gone to, followed, and let go of', () =>
    peopleAreFollowed(people))

  it('[E103, E104] are idle, away and called otherwise, and others see it', async () => {
    const { ada, ben } = await adaAndBen(people, ({ page }) => page.clock.install())
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
    await expect.poll(() => faces(ada), WAIT).toEqual(['Grace'])
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

/** Records what is on the screen after each frame; resolves to what tells the frames that it has not told yet. */
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
    const { ada, ben } = await adaAndBen(people)
    await goTo(ada, 1)
    await goTo(ben, 3)
    await expect.poll(() => linesSeen(ada), WAIT).toEqual([3])
    const seen = await record(ada)
    const frames = [...(await seen())]
    const drawnAt = async (): Promise<number> => {
      frames.push(...(await seen()))
      return frames.at(-1)?.left ?? -1
    }
    for (let word = 0; word < 6; word++) {
      await expect.poll(drawnAt, WAIT).toBeGreaterThan(0)
      const before = await drawnAt()
      await ben.page.keyboard.type('x'.repeat(10), { delay: 15 })
      // A busy machine draws seldom: nothing more is typed before some of it was on the screen.
      await expect.poll(drawnAt, WAIT).toBeGreaterThan(before)
    }
    expect(frames.filter(({ count }) => count !== 1)).toEqual([])
    const back = frames.filter(({ left }, i) => left < (frames[i - 1]?.left ?? 0) - 0.5)
    expect(back).toEqual([])

    // Control: one that goes is noticed.
    await ben.page.evaluate(() => {
      document.querySelector('coscribe-editor')?.room?.presence.set({ cursor: null })
    })
    await expect.poll(async () => (await seen()).some(({ count }) => count === 0), WAIT).toBe(true)
  })
})

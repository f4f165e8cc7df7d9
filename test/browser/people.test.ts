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
    const { ada, ben } = await adaAndBen(people)
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

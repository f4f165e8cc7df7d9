import { expect } from 'vitest'
import { findings } from '../../support/axe.js'
import type { BrowserPeople } from '../../support/browser-people.js'
import {
  adaAndBen,
  faces,
  following,
  goTo,
  linesSeen,
  listen,
  pressInList,
} from '../../support/people-hands.js'

const WAIT = { timeout: 30_000 }

/** Ben, in two tabs, is one face for Ada, who goes to him, follows him and lets go of him in every way there is. */
export async function peopleAreFollowed(people: BrowserPeople): Promise<void> {
  const { ada, ben } = await adaAndBen(people)
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

  await pressInList(ada, 'Jump to Ben')
  await expect.poll(() => linesSeen(ada), WAIT).toEqual([150])
  expect(await ada.page.evaluate(() => document.activeElement?.localName)).toBe('coscribe-editor')
  await expect.poll(heard, WAIT).toEqual(['Ben is in line 150'])

  await pressInList(ada, 'Follow Ben')
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
  await pressInList(ada, 'Follow Ben')
  await ada.page.keyboard.press('Escape')
  expect(await following(ada)).toBeNull()
  await pressInList(ada, 'Follow Ben')
  await goTo(ada, 80)
  await ada.page.keyboard.type('x')
  expect(await following(ada)).toBeNull()
  await pressInList(ada, 'Follow Ben')
  await Promise.all([ben, tab].map(({ page }) => page.close()))
  await expect.poll(() => following(ada), WAIT).toBeNull()
  await expect
    .poll(async () => (await heard()).at(-1), WAIT)
    .toBe('Ben has left, you are no longer following')
  expect(ada.errors).toEqual([])
}

// @vitest-environment jsdom
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { PeopleHere } from '../../client/src/page/people-here.js'
import { ScriptedRoom } from '../support/scripted-room.js'

beforeAll(() => customElements.define('people-here', PeopleHere))

it('[E20] the face of oneself has the hue of the cursor, also when that gives way', async () => {
  const { room } = new ScriptedRoom({ user: { id: 'ada', name: 'Ada' } })
  const people = document.createElement('people-here') as PeopleHere
  people.room = room
  people.person = { id: 'ada', name: 'Ada' }
  document.body.append(people)
  onTestFinished(() => people.remove())
  for (const hue of [3, 8]) {
    room.presence.set({ hue })
    await people.updateComplete
    expect(people.querySelector<HTMLElement>('#own-name')?.dataset['hue']).toBe(String(hue))
  }
  people.remove()
  room.presence.set({ hue: 5 })
  await people.updateComplete
  expect(people.querySelector<HTMLElement>('#own-name')?.dataset['hue']).toBe('8')
})

import { expect, it } from 'vitest'
import { isLibraryTalk } from '../support/library-talk.js'

const LINE = '[yjs] Changed the client-id because another client seems to be using it.'

it('known lines of libraries are left out of the output of the tests, and nothing with them', () => {
  expect(isLibraryTalk(`${LINE}\n`)).toBe(true)
  expect(isLibraryTalk(`\u001b[31m${LINE}\u001b[0m\n\n${LINE}\n`)).toBe(true)
  expect(isLibraryTalk(`${LINE}\nseed 3\n`)).toBe(false)
  expect(isLibraryTalk(`${LINE} And more.`)).toBe(false)
  expect(isLibraryTalk('\n')).toBe(false)
})

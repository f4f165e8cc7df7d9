import { expect, it } from 'vitest'
import { copyOwner, isOtherOwner } from '../../client/src/offline/copy-owner.js'
import { tokenFor } from '../support/tokens.js'

it('[E168] a copy is of the user who is named, else of whom the token names, else of nobody', async () => {
  const token = await tokenFor('ada ⚘', { doc: 'write' })
  expect(copyOwner('ben', token)).toBe('ben')
  expect(copyOwner(undefined, token)).toBe('ada ⚘')
  expect(copyOwner('', token)).toBe('ada ⚘')
  expect([
    copyOwner('ben', undefined),
    copyOwner(undefined, undefined),
    copyOwner(null, ''),
  ]).toEqual(['ben', undefined, undefined])
  for (const unreadable of ['opaque', 'a.b.c', 'a.bnVsbA.c', 'a.eyJzdWIiOjF9.c', () => token])
    expect(copyOwner(undefined, unreadable)).toBeNull()
})

it('[E179] who may be somebody else does not go on with the copy of the one before', () => {
  const [same, other, nobodyKnown, nobodyAsked] = ['ada', 'ben', null, undefined]
  expect([same, other, nobodyKnown].map((next) => isOtherOwner('ada', next))).toEqual([
    false,
    true,
    true,
  ])
  // Of these there is no copy that could be another's, and what is in memory would be lost.
  expect(isOtherOwner(nobodyKnown, 'ada')).toBe(false)
  // Whether there is a token at all is looked at apart from whose it is.
  expect([isOtherOwner(nobodyAsked, 'ada'), isOtherOwner('ada', nobodyAsked)]).toEqual([
    false,
    false,
  ])
})

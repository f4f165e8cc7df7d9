import { expect, it } from 'vitest'
import { copyOwner } from '../../client/src/offline/copy-owner.js'
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

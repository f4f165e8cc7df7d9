import type { Access } from '@coscribe/shared'
import { expect, it } from 'vitest'
import { accessTo } from '../../server/src/auth/grants.js'

const grants = {
  documents: new Map<string, Access>([
    ['team/secret', 'none'],
    ['notes', 'read'],
  ]),
  prefixes: new Map<string, Access>([
    ['team/', 'read'],
    ['team/open/', 'write'],
    ['no', 'admin'],
  ]),
}

it.each([
  ['notes', 'read'],
  ['notes2', 'admin'],
  ['team/a', 'read'],
  ['team/open/a', 'write'],
  ['team/secret', 'none'],
  ['team/secret2', 'read'],
  ['team', 'none'],
  ['Team/a', 'none'],
  ['', 'none'],
])('[A33] what is said of %s itself, or else of its longest prefix, decides: %s', (id, access) => {
  expect(accessTo(id, grants)).toBe(access)
})

it('[A33] an empty prefix is every document, and no grant is none', () => {
  expect(accessTo('x', { documents: new Map(), prefixes: new Map([['', 'read']]) })).toBe('read')
  expect(accessTo('x', { documents: new Map(), prefixes: new Map() })).toBe('none')
})

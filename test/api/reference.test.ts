import { expect, it } from 'vitest'
import { entriesOf, namesOf, packages } from '../support/public-names.js'
import { declarationOf } from './reference/declarations.js'
import { referenceOf, referencePath } from './reference/render.js'

it.each(packages)(
  '[E163] the reference of %s says what its declarations say (npm run docs writes it again)',
  async (workspace) => {
    await expect(await referenceOf(workspace)).toMatchFileSnapshot(referencePath(workspace))
  },
)

it('[E163] what can be called or made is explained, by whatever name it is imported', () => {
  const silent = packages.flatMap((workspace) =>
    entriesOf(workspace).flatMap((entry) =>
      namesOf(entry)
        .filter((name) => !name.startsWith('type '))
        .filter((name) => declarationOf(entry.declarations, name).doc === '')
        .map((name) => `${entry.specifier} ${name}`),
    ),
  )
  expect(silent).toEqual([])
})

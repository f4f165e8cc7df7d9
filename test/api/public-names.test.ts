import { expect, it } from 'vitest'
import { entriesOf, namesOf, packages, type PackageName } from '../support/public-names.js'

/** Every entry of a package's exports map that is source, with the names it exports. */
function publicNames(workspace: PackageName): string[] {
  return entriesOf(workspace).flatMap((entry) =>
    namesOf(entry).map((name) => `${entry.specifier} ${name}`),
  )
}

it.each(packages)('[L21] the public names of %s are the checked-in ones', async (workspace) => {
  const names = `${publicNames(workspace).join('\n')}\n`
  await expect(names).toMatchFileSnapshot(`${workspace}.txt`)
})

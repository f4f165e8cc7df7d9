import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BrowserPeople } from '../support/browser-people.js'
import { scratch } from '../support/scratch.js'
import { spawnServer } from '../support/test-server.js'
import { pictures } from './pictures.js'
import { Scene } from './scene.js'

/** All pictures, for looking at; not checked in. */
const ALL = join('.cache', 'screenshots')
/** The two that the README shows. */
const KEPT = join('docs', 'images')

/**
 * Takes the pictures of these names, or all: two people and a real text, in a fresh pair of browsers each time.
 */
export async function main(names: readonly string[]): Promise<number> {
  if (names.length === 0) await rm(ALL, { recursive: true, force: true })
  for (const folder of [ALL, KEPT]) await mkdir(folder, { recursive: true })
  const data = await scratch()
  const server = await spawnServer({ data: data.path, logLevel: 'silent' }, { cleanup: 'caller' })
  const people = await BrowserPeople.start()
  try {
    for (const [name, picture] of Object.entries(pictures)) {
      if (names.length > 0 && !names.includes(name)) continue
      const scene = await Scene.open(people, `${server.url}/d/${name}`, picture)
      await picture.before?.(scene.reader)
      await scene.take(join(ALL, `${name}.png`))
      if (picture.kept === true) await scene.keep(join(KEPT, `${name}.webp`))
      await people.leave()
      console.log(join(ALL, `${name}.png`))
    }
  } finally {
    await people.stop()
    await server.kill()
    await data.remove()
  }
  return 0
}

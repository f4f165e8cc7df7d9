import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { closeCodes, errorCodes } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { eventNames } from '../../client/src/editor/events.js'
import { look } from '../../client/src/editor/look.js'
import { entriesOf, namesOf, packages, root } from '../support/public-names.js'

const guide = readFileSync(join(root, 'docs/embedding.md'), 'utf8')
const roomSource = readFileSync(join(root, 'client/src/room.ts'), 'utf8')

/** Codes that a room never shows: those of a server that does not start, and of a client that is done. */
const UNSEEN = new Set(['normal', 'store-locked', 'store-foreign', 'store-newer', 'store-damaged'])

describe('[E164] the guide for developers', () => {
  it('says of each code that a room can show what to do', () => {
    const rows = new Set([...guide.matchAll(/^\| `([a-z-]+)` +\| \S/gm)].map(([, code]) => code))
    const codes = [...Object.keys(errorCodes), ...Object.keys(closeCodes), 'not-loaded']
    expect(codes.filter((code) => !UNSEEN.has(code) && !rows.has(code))).toEqual([])
  })

  it('names each event and each custom property', () => {
    expect(eventNames.filter((name) => !guide.includes(`\`${name}\``))).toEqual([])
    const { body = '' } =
      /export interface RoomEvents \{\n(?<body>.*?)\n\}/s.exec(roomSource)?.groups ?? {}
    const ofRoom = [...body.matchAll(/^ {2}readonly (\w+):/gm)].map(([, name = '']) => name)
    expect(ofRoom).toContain('info')
    const [sentence = ''] = /^A room has `status`.*$/m.exec(guide) ?? []
    expect(ofRoom.filter((name) => !sentence.includes(`\`${name}\``))).toEqual([])
    const properties = Object.values(look).flatMap((value) => value.match(/--coscribe-[a-z-]+/g))
    expect(properties.filter((name) => !guide.includes(`\`${name ?? ''}\``))).toEqual([])
  })

  it('imports only what there is, and points only at what is there', () => {
    const known = new Map(
      packages
        .flatMap((workspace) => entriesOf(workspace))
        .map((entry) => [entry.specifier, new Set(namesOf(entry))]),
    )
    const imports = [...guide.matchAll(/import \{([^}]+)\} from '(@coscribe[^']+)'/g)]
    expect(imports.length).toBeGreaterThan(3)
    for (const [, names = '', specifier = ''] of imports) {
      const missing = names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && known.get(specifier)?.has(name) !== true)
      expect([specifier, missing]).toEqual([specifier, []])
    }
    const links = [...guide.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link)
    expect(links.filter((link) => !existsSync(join(root, 'docs', link)))).toEqual([])
  })
})

// @vitest-environment jsdom
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { blocksOf, MAX_SOURCE } from '../../client/src/preview/blocks.js'
import { Drawing } from '../../client/src/preview/drawing.js'
import { definePreview } from '../../client/src/preview/index.js'
import { LineMap } from '../../client/src/preview/line-map.js'
import { injections } from '../support/injections.js'

function drawn(source: string): HTMLElement {
  const place = document.createElement('main')
  const drawing = new Drawing(document, 'Picture')
  for (const { token } of blocksOf(source).blocks) place.append(drawing.block(token))
  return place
}

/** Every element and attribute in it, each once. */
function shapes(place: HTMLElement): string[] {
  const found = [...place.querySelectorAll('*')].flatMap((element) => [
    element.localName,
    ...[...element.attributes].map(({ name, value }) => `${element.localName}[${name}=${value}]`),
  ])
  return [...new Set(found)].toSorted()
}

describe('a preview', () => {
  it('[E131] draws Markdown', () => {
    const source = `# One *two*

- a
- [x] b &amp; c
  1. <kbd>k</kbd><br>

| l | r |
|---|--:|
| \`x\` | ~~y~~ |

> q [named] \\*

[named]: https://example.org "t"
`
    expect(drawn(source).innerHTML.replaceAll('\n', '')).toBe(
      '<h1>One <em>two</em></h1><ul><li>a</li><li>☑ b &amp; c<ol><li><kbd>k</kbd><br></li></ol></li></ul>' +
        '<table><thead><tr><th>l</th><th align="right">r</th></tr></thead>' +
        '<tbody><tr><td><code>x</code></td><td align="right"><del>y</del></td></tr></tbody></table>' +
        '<blockquote><p>q <a href="https://example.org" target="_blank" rel="noopener noreferrer nofollow">named</a> *</p></blockquote>',
    )
  })

  it('[E131] knows in which line each block begins', () => {
    const { blocks, lines, cut } = blocksOf('# a\r\n\r\nb\nc\n\n\n- d\n- e\n\n```\nx\n```\n')
    expect(blocks.map(({ token, line }) => [token.type, line])).toEqual([
      ['heading', 0],
      ['paragraph', 2],
      ['list', 6],
      ['code', 9],
    ])
    expect([lines, cut]).toEqual([12, false])
  })

  it('[E132] makes nothing of an injection but text and links that lead outside', () => {
    const wrapped = injections.flatMap((text) => [
      text,
      `[x](${text})`,
      `![x](${text})`,
      `[x](<${text}> "${text}")`,
      `- ${text}\n\n| ${text} |\n|---|\n| <b>${text} |`,
      `\`\`\`${text}\n${text}\n\`\`\``,
    ])
    const marks =
      'b blockquote br code details em li p pre strong sub table tbody td th thead tr ul'
    const allowed = new Set([
      ...marks.split(' '),
      'a',
      'a[target=_blank]',
      'a[rel=noopener noreferrer nofollow]',
    ])
    for (const source of wrapped) {
      const strange = shapes(drawn(source)).filter((shape) => !allowed.has(shape))
      expect(strange.filter((shape) => !/^a\[href=https?:\/\//.test(shape))).toEqual([])
    }
    const links = shapes(
      drawn(
        '[a](javascript:alert(1)) [b](JaVaScRiPt&colon;x) [c](/api) [d](data:text/html,x) [e](vbscript:x) [f](#g)',
      ),
    )
    expect(links).toEqual(['p'])
  })

  it('[E132] shows pictures that are in the text, and names those that are elsewhere', () => {
    expect(drawn('![a](data:image/png;base64,iVBORw0KGgo=)').querySelector('img')?.alt).toBe('a')
    const elsewhere = drawn(
      '![cat](https://example.org/c.png) ![](http://x.org/y) ![s](data:image/svg+xml;base64,PHN2Zz4=) ![r](/logo.png)',
    )
    expect(elsewhere.querySelectorAll('img').length).toBe(0)
    expect([...elsewhere.querySelectorAll('a')].map(({ text }) => text)).toEqual([
      'Picture: cat',
      'Picture',
    ])
    expect(elsewhere.textContent).toContain('Picture: s')
  })

  it('[E131] is bounded, whatever the source is made of', () => {
    const long = blocksOf('word '.repeat(5).concat('\n').repeat(40_000))
    expect(long.cut).toBe(true)
    expect(long.lines * 26).toBeGreaterThan(MAX_SOURCE - 30)
    expect(long.lines * 26).toBeLessThanOrEqual(MAX_SOURCE)
    const nasty = [
      '>',
      '> ',
      '- ',
      '1. ',
      '[',
      '*a **a ',
      '![a](',
      '`a``b',
      '<a b=',
      '*_',
      '**',
      '<b>',
    ]
    for (const piece of nasty) {
      const source = piece.repeat(MAX_SOURCE / piece.length)
      expect(blocksOf(source).blocks.length).toBeGreaterThan(0)
      expect(drawn(source).innerHTML).not.toBe('')
    }
    // Without patience, what is left is shown as it is written.
    let time = 0
    const clock = { now: () => (time += 1_000) } as unknown as Parameters<typeof blocksOf>[1]
    const [, second] = blocksOf('*a*\n\n*b*\n', clock).blocks
    expect(second?.token).toMatchObject({ tokens: [{ type: 'text', text: '*b*' }] })
  })
})

describe('lines and places', () => {
  it('[E133] lead to each other', () => {
    const map = new LineMap(
      [
        { line: 0, top: 16 },
        { line: 4, top: 100 },
        { line: 10, top: 130 },
      ],
      { line: 20, top: 330 },
    )
    expect(map.topOf(4)).toBe(100)
    expect(map.topOf(7)).toBe(115)
    expect(map.topOf(15)).toBe(230)
    expect(map.topOf(99)).toBe(330)
    for (const line of [1, 2.5, 4, 7, 12, 19.5])
      expect(map.lineAt(map.topOf(line))).toBeCloseTo(line)
    expect(new LineMap([], { line: 0, top: 0 }).topOf(3)).toBe(0)
  })
})

describe('<coscribe-preview>', () => {
  it('[E8] listens to no text while it is in no page', async () => {
    const query = { addEventListener: () => undefined, removeEventListener: () => undefined }
    vi.stubGlobal('matchMedia', () => query)
    onTestFinished(() => void vi.unstubAllGlobals())
    definePreview()
    const listening = new Set<unknown>()
    const room = (name: string) => ({
      text: () => ({
        _start: null,
        observe: () => listening.add(name),
        unobserve: () => listening.delete(name),
      }),
    })
    const preview = document.createElement('coscribe-preview')
    Object.assign(preview, { room: room('one') })
    document.body.append(preview)
    preview.remove()
    await preview.updateComplete
    Object.assign(preview, { room: room('two') })
    await preview.updateComplete
    expect([...listening]).toEqual([])
    document.body.append(preview)
    await preview.updateComplete
    expect([...listening]).toEqual(['two'])
    preview.remove()
    expect([...listening]).toEqual([])
  })
})

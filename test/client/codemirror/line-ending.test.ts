import { exportText, importText, lineEnding, setLineEnding } from '@coscribe/client/codemirror'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'

describe('line ends of a file', () => {
  it('[E3] are kept with the document and applied on export', () => {
    const file = 'one\r\ntwo\r\nthree\n'
    const ydoc = new Y.Doc()
    const ytext = ydoc.getText('content')
    importText(ytext, file)
    expect(ytext.toString()).toBe('one\ntwo\nthree\n')
    const other = new Y.Doc()
    Y.applyUpdate(other, Y.encodeStateAsUpdate(ydoc))
    expect(lineEnding(other)).toBe('crlf')
    expect(exportText(other.getText('content'))).toBe('one\r\ntwo\r\nthree\r\n')
    expect(exportText(other.getText('content'), 'lf')).toBe('one\ntwo\nthree\n')
    setLineEnding(other, 'lf')
    expect(exportText(other.getText('content'))).toBe('one\ntwo\nthree\n')
  })

  it('[E3] are LF unless somebody says otherwise, also where the name is taken', () => {
    const ydoc = new Y.Doc()
    ydoc.getArray('coscribe')
    expect(lineEnding(ydoc)).toBe('lf')
    setLineEnding(ydoc, 'crlf')
    importText(ydoc.getText('content'), 'a\rb\ud83d')
    expect(exportText(ydoc.getText('content'))).toBe('a\nb\ufffd')
  })
})

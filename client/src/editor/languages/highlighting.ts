import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from '@codemirror/language'
import { Prec, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const dim = 'var(--coscribe-dim, light-dark(#64666b, #a09e98))'
const accent = 'var(--coscribe-accent, light-dark(#0a6b5c, #62cdb8))'
const code = 'var(--coscribe-code-font, ui-monospace, "SF Mono", "Cascadia Code", Menlo, monospace)'

/** Every colour has a contrast of 4.5 and more on the page's paper, light and dark. */
const style = HighlightStyle.define([
  { tag: tags.heading, fontWeight: '700' },
  { tag: tags.strong, fontWeight: '700' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: tags.link, color: accent, textDecoration: 'underline' },
  { tag: [tags.url, tags.contentSeparator, tags.processingInstruction, tags.meta], color: dim },
  { tag: tags.monospace, fontFamily: code },
  { tag: tags.comment, color: dim, fontStyle: 'italic' },
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.modifier],
    color: 'light-dark(#86379a, #d7a4e8)',
  },
  { tag: [tags.string, tags.regexp, tags.escape], color: 'light-dark(#3b6a1c, #a9d18e)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'light-dark(#974800, #f0b47c)' },
  {
    tag: [
      tags.function(tags.variableName),
      tags.function(tags.propertyName),
      tags.definition(tags.variableName),
      tags.propertyName,
      tags.attributeName,
    ],
    color: 'light-dark(#1d5ca3, #90bdf1)',
  },
  { tag: [tags.typeName, tags.className, tags.tagName, tags.namespace], color: accent },
  { tag: tags.invalid, color: 'var(--coscribe-danger, light-dark(#b3261e, #f28b82))' },
])

/** Colours for what a grammar finds, from the page's own ones. */
export const highlighting: Extension = syntaxHighlighting(style)

/** What makes a text code: letters of one width, brackets that are shown in pairs, no words to be spelled. */
export const codeTyping: Extension = [
  bracketMatching(),
  indentOnInput(),
  EditorView.theme({ '.cm-scroller': { fontFamily: code } }),
  Prec.high(EditorView.contentAttributes.of({ spellcheck: 'false', autocapitalize: 'off' })),
]

import {
  deleteMarkupBackward,
  insertNewlineContinueMarkup,
  markdownLanguage,
} from '@codemirror/lang-markdown'
import { Prec, type Extension } from '@codemirror/state'
import { keymap } from '@codemirror/view'

/** Markdown as GitHub has it, with lists and quotes that go on at Enter, and without grammars for code in it. */
export const markdown: Extension = [
  markdownLanguage,
  Prec.high(
    keymap.of([
      { key: 'Enter', run: insertNewlineContinueMarkup },
      { key: 'Backspace', run: deleteMarkupBackward },
    ]),
  ),
]

import { indentUnit } from '@codemirror/language'
import type { Extension } from '@codemirror/state'

/** How far a line is indented by what knows its language: as wide as a tab. */
export function indentation(tabSize: number): Extension {
  return indentUnit.of(' '.repeat(tabSize))
}

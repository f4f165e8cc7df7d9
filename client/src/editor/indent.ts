import type { ChangeSpec, Line, StateCommand } from '@codemirror/state'

/** What a line of plain text is indented by. */
const UNIT = '  '

/** Indents the lines of the selection. */
export const indentLines: StateCommand = changeLines(({ from }) => ({ from, insert: UNIT }))

/** Takes one step of indentation from the lines of the selection, or what is left of one. */
export const outdentLines: StateCommand = changeLines(({ from, text }) => {
  const [step] = /^(?:\t| {1,2}|)/.exec(text) ?? ['']
  return step === '' ? null : { from, to: from + step.length }
})

function changeLines(change: (line: Line) => ChangeSpec | null): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false
    const changes: ChangeSpec[] = []
    let next = 0
    for (const { from, to } of state.selection.ranges) {
      for (let at = Math.max(next, from); at <= to; at = next) {
        const line = state.doc.lineAt(at)
        next = line.to + 1
        changes.push(change(line) ?? [])
      }
    }
    dispatch(state.update({ changes, userEvent: 'indent' }))
    return true
  }
}

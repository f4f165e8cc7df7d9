import type { EditorState } from '@codemirror/state'
import { EditorView, type Command } from '@codemirror/view'
import { tabInText } from './follow-state.js'
import { othersWords } from './others-words.js'
import { shownPeers, type ShownPeer } from './shown-peers.js'

/** As many as somebody listens to the end of; the others are a number. */
const MAX_PEOPLE = 10

/** Reads out who else is here, in which line, and whether they are idle or away. */
export const sayWhoIsHere: Command = (view) => {
  const peers = view.state.field(shownPeers, false)
  if (peers === undefined) return false
  const people = new Map<string, ShownPeer>()
  for (const peer of peers) if (!peer.isSelf) people.set(peer.person, peer)
  const words = view.state.facet(othersWords)
  const said = [...people.values()].slice(0, MAX_PEOPLE).map((peer) => {
    return words.whoIsWhere(peer.name || words.somebody, lineOf(view.state, peer), peer.activity)
  })
  const text = said.length === 0 ? words.nobodyElse : words.hereNow(said, people.size - said.length)
  view.dispatch({ effects: EditorView.announce.of(text) })
  return true
}

/** Empty when they are nowhere in the text. */
function lineOf(state: EditorState, { person }: ShownPeer): string {
  const head = tabInText(state, person)?.ranges[0]?.head
  return head === undefined ? '' : String(state.doc.lineAt(head).number)
}

import { createHash } from 'node:crypto'
import * as Y from 'yjs'

/** A hash of everything a replica holds: content, state vector, deletions and what waits. Equal for equal replicas. */
export function stateHash(doc: Y.Doc): string {
  const hash = createHash('sha256')
  const vector = [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([a], [b]) => a - b)
  hash.update(JSON.stringify(vector))
  hash.update(JSON.stringify(rootsOf(doc)))
  hash.update(JSON.stringify(deletesOf(doc)))
  hash.update(JSON.stringify([doc.store.pendingStructs !== null, doc.store.pendingDs !== null]))
  return hash.digest('hex')
}

/** Client ids with structs in the replica. */
export function clientsOf(doc: Y.Doc): number[] {
  return [...Y.decodeStateVector(Y.encodeStateVector(doc)).keys()].sort((a, b) => a - b)
}

function rootsOf(doc: Y.Doc): unknown {
  // A root that was only named is a bare AbstractType; as text it shows what it holds.
  const names = [...doc.share.keys()].sort()
  return names
    .map((name) => [name, doc.getText(name).toString()] as const)
    .filter(([, text]) => text !== '')
}

function deletesOf(doc: Y.Doc): unknown {
  const { clients } = Y.snapshot(doc).ds
  return [...clients]
    .sort(([a], [b]) => a - b)
    .map(([client, ranges]) => [client, ranges.map(({ clock, len }) => [clock, len])])
}

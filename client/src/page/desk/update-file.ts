import { defaultLimits, UpdateScan, walkUpdate } from '@coscribe/shared'
import * as Y from 'yjs'
import { DocumentSize } from '../../codemirror/document-size.js'

/** What is wrong with bytes that are no Yjs document to be merged. */
export type UpdateFault = 'damaged' | 'tooMuch' | 'nothing' | 'incomplete' | 'tooDeep'

/**
 * Checks that bytes from anywhere are a whole Yjs document that a server takes: walked from end to end before Yjs sees
 * them, then put together on the side. Returns what is in its text, or what is wrong.
 */
export function checkUpdate(bytes: Uint8Array): { readonly characters: number } | UpdateFault {
  const scan = new UpdateScan()
  const fault = walkUpdate(bytes, scan)
  const isEmpty = scan.rowCount === 0
  scan.clear()
  if (fault !== null) return fault.kind === 'limit' ? 'tooMuch' : 'damaged'
  if (isEmpty) return 'nothing'
  const aside = new Y.Doc()
  try {
    Y.applyUpdate(aside, bytes)
    return faultIn(aside) ?? { characters: aside.getText('content').length }
  } catch {
    // Bytes that the walk takes and Yjs does not; none are known.
    return 'damaged'
  } finally {
    aside.destroy()
  }
}

/** How many bytes a document may still grow once an update is merged into it; below zero when that is too much. */
export function freeBytesWith(ydoc: Y.Doc, update: Uint8Array, documentBytes: number): number {
  const own = Y.encodeStateAsUpdate(ydoc)
  const atLeast = documentBytes - own.length - update.length
  // What both have in common counts once, which has to be found out only when it matters.
  if (atLeast >= 0) return atLeast
  const together = new Y.Doc()
  try {
    for (const bytes of [own, update]) Y.applyUpdate(together, bytes)
    return documentBytes - new DocumentSize(together).measure()
  } finally {
    together.destroy()
  }
}

function faultIn(aside: Y.Doc): UpdateFault | null {
  const { pendingStructs, pendingDs } = aside.store
  if (pendingStructs !== null || pendingDs !== null) return 'incomplete'
  if (aside.share.size > defaultLimits.rootNames) return 'tooMuch'
  const depth = Math.max(0, ...[...aside.share.values()].map(depthOf))
  return depth > defaultLimits.typeDepth ? 'tooDeep' : null
}

type AnyType = Y.Doc['share'] extends Map<string, infer Type> ? Type : never

/** How deep types are nested in a type; looked at only as deep as matters. */
function depthOf(root: AnyType): number {
  let depth = 0
  let level: readonly AnyType[] = [root]
  while (level.length > 0 && depth <= defaultLimits.typeDepth) {
    depth++
    level = level.flatMap(typesIn)
  }
  return depth
}

function typesIn(type: AnyType): AnyType[] {
  const found: AnyType[] = []
  const look = (first: Y.Item | null): void => {
    for (let item = first; item !== null; item = item.right) {
      if (item.content instanceof Y.ContentType) found.push(item.content.type)
    }
  }
  look(type['_start'])
  for (const item of type['_map'].values()) {
    for (let at: Y.Item | null = item; at !== null; at = at.left) {
      if (at.content instanceof Y.ContentType) found.push(at.content.type)
    }
  }
  return found
}

import { html, nothing, svg, type TemplateResult } from 'lit'
import type { ElementPhrases } from '../phrases/phrases.js'
import type { Room } from '../room.js'
import type { EditorHandle } from './editor-handle.js'

/** What is around the text of `<coscribe-editor>`. */
export interface FrameFacts {
  /** The document is not here yet. */
  readonly isLoading: boolean
  /** There is something in the light DOM, or for the slot `loading`, to be seen until it is. */
  readonly isCovered: boolean
  readonly isEmpty: boolean
  /** Why there is nothing to be seen, or `null`. */
  readonly fault: string | null
  readonly hasToolbar: boolean
  readonly hasStatus: boolean
  /** Whether undo and redo are wanted. */
  readonly hasTools: boolean
  /** Whether the people who are here are wanted. */
  readonly hasPeople: boolean
  readonly canUndo: boolean
  readonly canRedo: boolean
  readonly room: Room | undefined
  readonly handle: EditorHandle | null
  readonly field: string | undefined
  readonly phrases: ElementPhrases['embed']
  readonly undo: () => void
  readonly redo: () => void
  /** What is in a slot has changed. */
  readonly slotted: (event: Event) => void
}

/** The text stands first, also for the keyboard: who wants to write need not pass the tools. */
export function frame(facts: FrameFacts): TemplateResult {
  const { isLoading, isCovered, isEmpty, fault } = facts
  return html`<div part="editor" ?inert=${isLoading && isCovered}></div>
    <div class="over loading" ?hidden=${!isLoading || fault !== null}>
      <slot name="loading" @slotchange=${facts.slotted}
        ><slot @slotchange=${facts.slotted}></slot
      ></slot>
    </div>
    <div class="over empty" ?hidden=${!isEmpty}><slot name="empty"></slot></div>
    <div class="over error" ?hidden=${fault === null}>
      <slot name="error"><p part="error" role="alert">${fault ?? ''}</p></slot>
    </div>
    ${toolbar(facts)}
    <div part="statusbar" ?hidden=${!facts.hasStatus}>
      <slot name="status" @slotchange=${facts.slotted}>${status(facts)}</slot>
    </div>`
}

function status({ hasStatus, room, field }: FrameFacts): TemplateResult | typeof nothing {
  if (!hasStatus) return nothing
  return html`<coscribe-status .room=${room} field=${field ?? nothing}></coscribe-status>`
}

function toolbar(facts: FrameFacts): TemplateResult {
  const { phrases, hasToolbar, slotted } = facts
  return html`<div part="toolbar" role="group" aria-label=${phrases.tools} ?hidden=${!hasToolbar}>
    <slot name="toolbar-start" @slotchange=${slotted}></slot>
    ${facts.hasTools ? tools(facts) : nothing}
    <span class="between"></span>
    ${facts.hasPeople ? people(facts) : nothing}
    <slot name="toolbar-end" @slotchange=${slotted}></slot>
  </div>`
}

function tools({ phrases, canUndo, canRedo, undo, redo }: FrameFacts): TemplateResult {
  // Not `disabled`: a button that is pressed for the last time would lose the focus.
  return html`<button
      part="button"
      type="button"
      aria-label=${phrases.undo}
      title=${phrases.undo}
      aria-disabled=${String(!canUndo)}
      @click=${undo}
    >
      ${icon(false)}</button
    ><button
      part="button"
      type="button"
      aria-label=${phrases.redo}
      title=${phrases.redo}
      aria-disabled=${String(!canRedo)}
      @click=${redo}
    >
      ${icon(true)}
    </button>`
}

/** Shown by the companion element, where the page has loaded that. */
function people({ room, handle }: FrameFacts): TemplateResult {
  return html`<coscribe-avatars .room=${room} .editor=${handle}></coscribe-avatars>`
}

/** An arrow that turns back, or the same the other way round. */
function icon(isMirrored: boolean): TemplateResult {
  const arrow = svg`<path d="M6 3 2.5 6.5 6 10M3 6.5h6.5a4 4 0 0 1 0 8H7"></path>`
  return html`<svg viewBox="0 0 16 16" aria-hidden="true" class=${isMirrored ? 'mirrored' : ''}>
    ${arrow}
  </svg>`
}

import type { DetailedHTMLProps, HTMLAttributes } from 'react'
import type { CoscribeAvatars } from '../editor/coscribe-avatars.js'
import type { CoscribeEditor } from '../editor/coscribe-editor.js'
import type { CoscribeStatus } from '../editor/coscribe-status.js'
import type { EditorProperties } from '../editor/editor-properties.js'
import type { CoscribePreview } from '../preview/coscribe-preview.js'

/** An element of ours in JSX: its own properties beside those of every element. */
type Tag<Element extends HTMLElement, Properties> = Omit<
  DetailedHTMLProps<HTMLAttributes<Element>, Element>,
  keyof Properties
> &
  Properties

type Own<Base, Name extends keyof Base> = { readonly [Key in Name]?: Base[Key] | undefined }

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'coscribe-editor': Tag<
        CoscribeEditor,
        Own<CoscribeEditor, Exclude<keyof EditorProperties, keyof HTMLElement> | 'room'>
      >
      'coscribe-status': Tag<CoscribeStatus, Own<CoscribeStatus, 'room' | 'field'>>
      'coscribe-avatars': Tag<
        CoscribeAvatars,
        Own<CoscribeAvatars, 'room' | 'editor' | 'htmlFor' | 'namesSelf'>
      >
      'coscribe-preview': Tag<CoscribePreview, Own<CoscribePreview, 'room' | 'view' | 'field'>>
    }
  }
}

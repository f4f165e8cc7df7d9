import {
  createElement,
  forwardRef,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
  type CSSProperties,
} from 'react'
import type { EditorEvents } from '../editor/editor-events.js'
import type { EditorHandle } from '../editor/editor-handle.js'
import type { EditorSettings } from '../editor/editor-options.js'
import { mountEditor } from '../editor/mount.js'
import { useRoomContents } from './context.js'
import { useLatest } from './latest.js'

/** What {@link CoscribeEditor} tells of; another function is called from then on, and mounts nothing again. */
export interface CoscribeEditorCallbacks {
  readonly onReady?: ((ready: EditorEvents['ready']) => void) | undefined
  readonly onChange?: ((change: EditorEvents['change']) => void) | undefined
  readonly onSelection?: ((selected: EditorEvents['selection']) => void) | undefined
  readonly onError?: ((error: EditorEvents['error']) => void) | undefined
}

/** What {@link CoscribeEditor} is given. */
export interface CoscribeEditorProps extends EditorSettings, CoscribeEditorCallbacks {
  /** The name of the shared text; `content` by default. Another one opens another editor. */
  readonly field?: string | undefined
  /** Of the element around the editor. */
  readonly id?: string | undefined
  readonly className?: string | undefined
  readonly style?: CSSProperties | undefined
}

/**
 * A text of the room that it is in. Its `ref` is the open editor, or `null`.
 *
 * @throws Error outside of a `<CoscribeRoom>`
 */
export const CoscribeEditor = forwardRef<EditorHandle | null, CoscribeEditorProps>(
  function CoscribeEditor(props, ref) {
    const { field, id, className, style } = props
    const { onReady, onChange, onSelection, onError, ...rest } = props
    const [settings, attributes] = settingsIn(rest)
    const { room, editor } = useRoomContents()
    const place = useRef<HTMLDivElement>(null)
    const callbacks = useLatest({ onReady, onChange, onSelection, onError })
    const first = useLatest(settings)
    const known = useRef<EditorSettings>({})
    const [handle, setHandle] = useState<EditorHandle | null>(null)
    useEffect(() => {
      if (place.current === null) return undefined
      const opened = mountEditor(place.current, { room, field, ...first.current })
      opened.on('ready', (value) => callbacks.current.onReady?.(value))
      opened.on('change', (value) => callbacks.current.onChange?.(value))
      opened.on('selection', (value) => callbacks.current.onSelection?.(value))
      opened.on('error', (value) => callbacks.current.onError?.(value))
      const closed = editor.opened(opened)
      setHandle(opened)
      return () => {
        setHandle(null)
        closed()
        opened.destroy()
      }
    }, [room, editor, field, first, callbacks])
    useEffect(() => {
      // What is the same as before changes nothing; what is not given any more is as if it had never been.
      known.current = { ...namesIn(known.current), ...settings }
      handle?.setOptions(known.current)
    })
    useImperativeHandle<EditorHandle | null, EditorHandle | null>(ref, () => handle, [handle])
    return createElement('div', { ref: place, id, className, style, ...attributes })
  },
)

/** The same options without their values. */
function namesIn(settings: EditorSettings): EditorSettings {
  return Object.fromEntries(Object.keys(settings).map((name) => [name, undefined]))
}

/** The options of an editor among the properties of a component, and the attributes, such as `data-testid`. */
function settingsIn(
  rest: EditorSettings & Pick<CoscribeEditorProps, 'field' | 'id' | 'className' | 'style'>,
): readonly [EditorSettings, Readonly<Record<string, unknown>>] {
  const { field: _field, id: _id, className: _className, style: _style, ...others } = rest
  const names = Object.entries<unknown>(others)
  const attributes = Object.fromEntries(names.filter(isAttribute))
  return [Object.fromEntries(names.filter((one) => !isAttribute(one))), attributes]
}

function isAttribute([name]: readonly [string, unknown]): boolean {
  return name.includes('-')
}

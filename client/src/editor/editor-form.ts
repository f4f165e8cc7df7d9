import type { ElementPhrases } from '../phrases/phrases.js'

/** What a form may ask of a text. Lengths are in UTF-16 units, as those of a `<textarea>`. */
interface FormRules {
  readonly name: string | null | undefined
  readonly required: boolean | undefined
  readonly minLength: number | null | undefined
  readonly maxLength: number | null | undefined
}

/** How the text stands. */
export interface FormText {
  /** Whether the document is here; before, its text is not empty but unknown. */
  readonly isHere: boolean
  readonly length: number
  /** Whether this person could put right what a form complains about. */
  readonly mayWrite: boolean
}

/** What an {@link EditorForm} is the field of. */
export interface FormField extends FormRules {
  /** The text: asked for only when a form is sent. */
  readonly value: string
  matches(selector: string): boolean
}

const unknown: FormText = { isHere: false, length: 0, mayWrite: false }

/**
 * A shared text as a field of a form. It costs nothing while people write: the form asks for the text when it is sent,
 * and lengths are known anyway.
 */
export class EditorForm {
  readonly #internals: ElementInternals
  readonly #field: FormField
  #text = unknown
  #form: HTMLFormElement | null = null
  #custom = ''

  constructor(internals: ElementInternals, field: FormField) {
    this.#internals = internals
    this.#field = field
  }

  /** The field belongs to this form now, or to none. */
  join(form: HTMLFormElement | null): void {
    this.#form?.removeEventListener('formdata', this.#give)
    this.#form = form
    form?.addEventListener('formdata', this.#give)
  }

  /** What a page has against the text; empty for nothing. */
  complain(message: string): void {
    this.#custom = message
  }

  /**
   * Says whether the text is as the form wants it.
   *
   * @param anchor where a browser shows what is wrong
   */
  validate(
    text: FormText,
    phrases: ElementPhrases['embed'],
    anchor: HTMLElement | undefined,
  ): void {
    this.#text = text
    // Nobody is kept from sending a form by what they cannot change.
    const found = text.mayWrite || !text.isHere ? faultOf(this.#field, text, phrases) : null
    const fault: Fault | null =
      this.#custom === '' ? found : { flags: { customError: true }, message: this.#custom }
    if (fault === null) this.#internals.setValidity({})
    else this.#internals.setValidity(fault.flags, fault.message, anchor)
  }

  readonly #give = ({ formData }: FormDataEvent): void => {
    const { name } = this.#field
    if (!name || !this.#text.isHere || this.#field.matches(':disabled')) return
    formData.append(name, this.#field.value)
  }
}

interface Fault {
  readonly flags: ValidityStateFlags
  readonly message: string
}

function faultOf(rules: FormRules, text: FormText, phrases: ElementPhrases['embed']): Fault | null {
  const { required } = rules
  // Attributes that are taken away are `null`.
  const minLength = rules.minLength ?? 0
  const maxLength = rules.maxLength ?? Infinity
  const { isHere, length } = text
  if (!isHere)
    return required === true ? { flags: { valueMissing: true }, message: phrases.notHereYet } : null
  if (required === true && length === 0)
    return { flags: { valueMissing: true }, message: phrases.valueMissing }
  // Like every field: what is not asked for may be left empty.
  if (length > 0 && length < minLength)
    return { flags: { tooShort: true }, message: phrases.tooShort(minLength, length) }
  if (length > maxLength)
    return { flags: { tooLong: true }, message: phrases.tooLong(maxLength, length) }
  return null
}

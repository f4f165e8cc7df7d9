import type { ElementPhrases } from '../phrases/phrases.js'
import { EditorForm, type FormText } from './editor-form.js'
import { EditorProperties } from './editor-properties.js'

/** What makes `<coscribe-editor>` a field of a form, as a `<textarea>` is. */
export abstract class EditorField extends EditorProperties {
  static readonly formAssociated = true

  protected readonly internals = this.attachInternals()
  /** The element, or what it is in, is disabled. */
  protected isDisabled = false
  readonly #form = new EditorForm(this.internals, this)

  abstract get value(): string

  /** The form it belongs to, or `null`. */
  get form(): HTMLFormElement | null {
    return this.internals.form
  }

  /** What is wrong with the text for its form. */
  get validity(): ValidityState {
    return this.internals.validity
  }

  /** The same in a sentence. */
  get validationMessage(): string {
    return this.internals.validationMessage
  }

  /** Whether its form may be sent, as far as it is concerned. */
  checkValidity(): boolean {
    return this.internals.checkValidity()
  }

  /** The same, and shows what is wrong. */
  reportValidity(): boolean {
    return this.internals.reportValidity()
  }

  /** Keeps the form from being sent for a reason of the page's own; an empty message lets it. */
  setCustomValidity(message: string): void {
    this.#form.complain(message)
    this.requestUpdate()
  }

  formAssociatedCallback(form: HTMLFormElement | null): void {
    this.#form.join(form)
  }

  formDisabledCallback(isDisabled: boolean): void {
    this.isDisabled = isDisabled
    this.requestUpdate()
  }

  /** The texts of its `<label>`s; empty without one. */
  protected get labelText(): string {
    const texts = Array.from(this.internals.labels, (label) => label.textContent?.trim() ?? '')
    return texts.join(' ')
  }

  /** Says to the form how the text stands; `anchor` is where a browser shows what is wrong. */
  protected validate(
    text: FormText,
    phrases: ElementPhrases['embed'],
    anchor: HTMLElement | undefined,
  ): void {
    this.#form.validate(text, phrases, anchor)
  }
}

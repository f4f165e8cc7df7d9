import { html, nothing, type TemplateResult } from 'lit'
import { isLanguage, languages } from '../../phrases/language-table.js'
import { isTheme, themes, type Theme } from '../theme-choice.js'
import { chooseLanguage, chosenLanguage, words } from '../words.js'
import { DeskElement } from './desk-element.js'
import { choices, type Settings } from './settings.js'

type Option = readonly [value: string, label: string]

/** How the page is, on this device. Tells `theme-wanted` with a theme. */
export class SettingsDialog extends DeskElement {
  static override readonly properties = {
    ...DeskElement.properties,
    theme: { attribute: false },
  }

  declare theme: Theme | undefined

  protected override render(): TemplateResult | typeof nothing {
    const { desk } = this
    if (desk === undefined) return nothing
    const phrases = words().settings
    const { settings } = desk
    return html`<dialog id="settings-dialog" aria-labelledby="settings-heading">
      <h2 id="settings-heading">${phrases.heading}</h2>
      <div class="settings">
        ${this.#choice(
          'setting-theme',
          phrases.theme,
          this.theme ?? 'system',
          themes.map((theme) => [theme, phrases.themes[theme]]),
          (value) => this.#wishTheme(value),
        )}
        ${this.#pageLanguage()}
        ${this.#choice('setting-size', phrases.textSize, settings.textSize, this.#sizes(), (textSize) => desk.change({ textSize: textSize as Settings['textSize'] }))}
        ${this.#switch('setting-wrap', phrases.wrap, settings.wrap, (wrap) => desk.change({ wrap }))}
        ${this.#switch('setting-numbers', phrases.lineNumbers, settings.lineNumbers, (lineNumbers) => desk.change({ lineNumbers }))}
        ${this.#choice(
          'setting-tab',
          phrases.tabSize,
          String(settings.tabSize),
          choices.tabSize.toSorted((a, b) => a - b).map((size) => [String(size), String(size)]),
          (size) => desk.change({ tabSize: Number(size) as Settings['tabSize'] }),
        )}
        ${this.#choice(
          'setting-keys',
          phrases.keys,
          settings.keys,
          choices.keys.map((keys) => [keys, phrases.keyTables[keys]]),
          (keys) => desk.change({ keys: keys as Settings['keys'] }),
        )}
        ${this.#choice(
          'setting-announce',
          phrases.announce,
          settings.announce,
          choices.announce.map((which) => [which, phrases.announced[which]]),
          (which) => desk.change({ announce: which as Settings['announce'] }),
        )}
      </div>
      <p>${phrases.hint}</p>
      <div class="buttons">
        <button
          @click=${(event: Event) => (event.currentTarget as HTMLElement).closest('dialog')?.close()}
        >
          ${words().dialogs.close}
        </button>
      </div>
    </dialog>`
  }

  #sizes(): readonly Option[] {
    const { textSizes } = words().settings
    return (['small', 'normal', 'large', 'larger'] as const).map((size) => [size, textSizes[size]])
  }

  #pageLanguage(): TemplateResult | typeof nothing {
    const { desk } = this
    if (desk === undefined) return nothing
    const phrases = words().settings
    const named = Object.entries(languages).map(([name, { name: label }]): Option => [name, label])
    const choose = (value: string): void => {
      const root = this.ownerDocument.documentElement
      void chooseLanguage(root, desk.memory, isLanguage(value) ? value : null).then(() =>
        this.requestUpdate(),
      )
    }
    const chosen = chosenLanguage(desk.memory) ?? ''
    const options: readonly Option[] = [['', phrases.asBrowser], ...named]
    return this.#choice('setting-language', phrases.language, chosen, options, choose)
  }

  #choice(
    id: string,
    label: string,
    chosen: string,
    options: readonly Option[],
    choose: (value: string) => void,
  ): TemplateResult {
    const change = (event: Event): void => choose((event.currentTarget as HTMLSelectElement).value)
    return html`<label for=${id}>${label}</label
      ><select id=${id} @change=${change}>
        ${options.map(
          ([value, text]) =>
            html`<option value=${value} .selected=${value === chosen}>${text}</option>`,
        )}
      </select>`
  }

  #switch(id: string, label: string, on: boolean, change: (on: boolean) => void): TemplateResult {
    return html`<label for=${id}>${label}</label
      ><input
        id=${id}
        type="checkbox"
        .checked=${on}
        @change=${(event: Event) => change((event.currentTarget as HTMLInputElement).checked)}
      />`
  }

  #wishTheme(value: string): void {
    if (!isTheme(value)) return
    this.dispatchEvent(new CustomEvent('theme-wanted', { detail: value, bubbles: true }))
  }
}

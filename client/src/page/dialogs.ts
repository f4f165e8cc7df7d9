import { html, type TemplateResult } from 'lit'
import { closeButton } from './close-button.js'
import { words } from './words.js'

/** What the keyboard does here, as pairs of keys (pressed together) and effect. */
function keys(mac: boolean): readonly (readonly [readonly string[], string])[] {
  const { help } = words().dialogs
  const { control, alt, shift, enter, tab, escape, click } = help.keys
  const command = mac ? '⌘' : control
  return [
    [[command, 'Z'], help.undo],
    [mac ? ['⇧', '⌘', 'Z'] : [control, 'Y'], help.redo],
    [[command, 'F'], help.find],
    [mac ? ['⇧', command, 'M'] : [command, shift, 'M'], help.preview],
    [[command, 'A'], help.selectAll],
    [[mac ? '⌥' : alt, '↑ ↓'], help.moveLine],
    [[command, click], help.addCursor],
    [[enter], help.titleToText],
    [[tab], help.textToNext],
    [[escape, tab], help.alwaysToNext],
    [mac ? ['⇧', '⌥', 'M'] : [control, 'M'], help.tabTo],
    [[shift, 'F2'], help.whoIsHere],
    [[escape], help.closeOpen],
    [['F1'], help.thisHelp],
  ]
}

export function helpDialog(mac: boolean): TemplateResult {
  const { dialogs } = words()
  const { help } = dialogs
  return html`<dialog id="help-dialog" aria-labelledby="help-heading">
    <h2 id="help-heading">${help.keyboard}</h2>
    <dl class="keys">
      ${keys(mac).map(
        ([pressed, effect]) =>
          html`<dt>${pressed.map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${effect}</dd>`,
      )}
    </dl>
    <h2>${help.saved}</h2>
    <p>${help.savedMeans}</p>
    <div class="buttons">${closeButton(dialogs.close)}</div>
  </dialog>`
}

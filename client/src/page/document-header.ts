import { html, type TemplateResult } from 'lit'
import type { Room } from '../room.js'
import { icon } from './icons.js'
import { iconButton } from './icon-button.js'
import type { Desk } from './desk/desk.js'
import type { PageDoor } from './page-door.js'
import { HOME_PATH } from './route.js'
import { nextTheme, type Theme } from './theme-choice.js'
import { words } from './words.js'

export interface HeaderSetup {
  readonly room: Room
  readonly desk: Desk
  readonly door: PageDoor
  readonly theme: Theme
  readonly changeTheme: (theme: Theme) => void
  readonly open: (what: 'help-dialog' | 'settings-dialog') => void
  readonly share: () => void
  readonly chooseFile: () => void
  /** Somebody wants to be called otherwise. */
  readonly nameWanted: () => void
}

/** What stands above a document: where its edits are, who is here, and what one does with it. */
export function documentHeader(setup: HeaderSetup): TemplateResult {
  const { room, desk, door, theme, open } = setup
  const phrases = words().page
  return html`<header>
    <a class="home" href=${HOME_PATH} title=${phrases.home} aria-label=${phrases.home}>Coscribe</a>
    <coscribe-status id="status" .room=${room}></coscribe-status>
    <nav aria-label=${phrases.document} @coscribe-name-wanted=${setup.nameWanted}>
      <coscribe-avatars for="text" names-self .room=${room}></coscribe-avatars>
      <button id="share" @click=${setup.share}>
        ${icon('share')}<span>${phrases.share}</span>
      </button>
      ${iconButton('theme', theme, phrases.theme(theme), () => setup.changeTheme(nextTheme(theme)))}
      ${iconButton('help', 'help', phrases.help, () => open('help-dialog'))}
      <desk-menu
        .desk=${desk}
        @file-wanted=${setup.chooseFile}
        @settings-wanted=${() => open('settings-dialog')}
        @help-wanted=${() => open('help-dialog')}
      ></desk-menu>
      ${door.wayOut()}
    </nav>
  </header>`
}

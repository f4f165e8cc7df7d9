import { css, unsafeCSS, type CSSResult } from 'lit'
import { look } from './look.js'

const value = (name: keyof typeof look): CSSResult => unsafeCSS(look[name])

/** How `<coscribe-editor>` looks around its text. */
export const editorStyles = css`
  :host {
    display: grid;
    grid-template: 'tools' auto 'text' minmax(0, 1fr) 'status' auto / minmax(0, 1fr);
    height: ${value('height')};
    color: ${value('fg')};
    background: ${value('bg')};
    border-radius: ${value('radius')};
  }
  :host([hidden]) {
    display: none;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  [hidden] {
    display: none !important;
  }
  [part='editor'] {
    grid-area: text;
    height: 100%;
    min-height: 0;
  }
  [part='editor'][inert] {
    visibility: hidden;
  }
  .over {
    grid-area: text;
    min-height: 0;
    overflow: auto;
  }
  .over.empty {
    pointer-events: none;
  }
  .empty ::slotted(*) {
    pointer-events: auto;
  }
  ::slotted(textarea) {
    box-sizing: border-box;
    width: 100%;
    height: 100%;
  }
  ::slotted(pre) {
    margin: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .error {
    padding: ${value('space')};
    font-family: ${value('uiFont')};
  }
  [part='error'] {
    margin: 0;
    color: ${value('danger')};
    overflow-wrap: anywhere;
  }
  [part='toolbar'],
  [part='statusbar'] {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(${value('space')} / 2);
    padding: calc(${value('space')} / 2) ${value('space')};
    font: 0.875rem/1.5 ${value('uiFont')};
  }
  [part='toolbar'] {
    grid-area: tools;
    border-block-end: 1px solid ${value('border')};
  }
  [part='statusbar'] {
    grid-area: status;
    border-block-start: 1px solid ${value('border')};
  }
  .between {
    flex: 1;
  }
  /* Not every button: those of CodeMirror's panels are in the same shadow root. */
  [part='button'] {
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    padding: 0;
    border: 1px solid transparent;
    border-radius: ${value('radius')};
    color: inherit;
    background: none;
    cursor: pointer;
  }
  [part='button']:hover {
    background: ${value('hover')};
  }
  [part='button']:active {
    color: ${value('accentFg')};
    background: ${value('accent')};
  }
  [part='button'][aria-disabled='true'] {
    color: inherit;
    background: none;
    opacity: 0.4;
    cursor: default;
  }
  [part='button']:focus-visible {
    outline: 2px solid ${value('accent')};
    outline-offset: 1px;
  }
  svg {
    width: 16px;
    height: 16px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.5;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .mirrored {
    transform: scaleX(-1);
  }
  @media (pointer: coarse) {
    [part='button'] {
      width: 44px;
      height: 44px;
    }
  }
  @media (forced-colors: active) {
    [part='button'] {
      border-color: ButtonBorder;
    }
    [part='button'][aria-disabled='true'] {
      opacity: 1;
      color: GrayText;
    }
  }
`

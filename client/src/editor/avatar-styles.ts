import { css, unsafeCSS } from 'lit'
import { HUES } from '../codemirror/hue.js'

const hues = Array.from(
  { length: HUES },
  (_, hue) => `[data-hue='${hue}'] { --hue: ${(360 / HUES) * hue} }`,
).join('\n')

/** How people look: by index, since a style attribute is what a strict content security policy forbids. */
export const avatarStyles = css`
  ${unsafeCSS(hues)}

  :host {
    display: inline-block;
    color: var(--coscribe-fg, light-dark(#1c1d1f, #e4e3df));
    font: 0.875rem/1.5 var(--coscribe-ui-font, system-ui, sans-serif);
  }
  :host([hidden]) {
    display: none;
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .people {
    display: flex;
    align-items: center;
    gap: 4px;
  }
  .if-narrow {
    display: none;
  }
  button {
    margin: 0;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  button:focus-visible {
    outline: 2px solid var(--coscribe-accent, light-dark(#0b6e5f, #5ec8b3));
    outline-offset: 2px;
  }
  .face {
    position: relative;
    display: inline-flex;
    flex: none;
    align-items: center;
    justify-content: center;
    box-sizing: border-box;
    width: 28px;
    height: 28px;
    padding: 0;
    border: 2px solid transparent;
    border-radius: 50%;
    background: light-dark(oklch(0.52 0.13 var(--hue)), oklch(0.72 0.13 var(--hue)));
    background-clip: border-box;
    background-origin: border-box;
    color: light-dark(#fff, #101113);
    font-size: 0.75rem;
    font-weight: 650;
    line-height: 1;
  }
  .face img {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    border-radius: 50%;
    object-fit: cover;
  }
  .face[data-activity='idle'] img {
    filter: grayscale(1);
  }
  .face[data-activity='away'] img {
    filter: grayscale(1) contrast(0.4);
  }
  .face img[hidden] {
    display: none;
  }
  .face.own {
    border-color: light-dark(oklch(0.52 0.13 var(--hue)), oklch(0.72 0.13 var(--hue)));
    background: transparent;
    color: inherit;
  }
  button.face.own:hover,
  .more:hover,
  .action:hover {
    background: color-mix(in oklab, transparent, currentColor 8%);
  }
  .face[data-activity='idle'] {
    background: light-dark(oklch(0.52 0.03 var(--hue)), oklch(0.72 0.03 var(--hue)));
  }
  .face[data-activity='away'] {
    border: 2px dashed light-dark(oklch(0.52 0.03 var(--hue)), oklch(0.72 0.03 var(--hue)));
    background: transparent;
    color: var(--coscribe-dim, light-dark(#64666b, #a09e98));
  }
  .more {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    min-width: 28px;
    height: 28px;
    padding: 0 4px;
    border: 0;
    border-radius: 14px;
    background: transparent;
    color: var(--coscribe-dim, light-dark(#64666b, #a09e98));
    font-variant-numeric: tabular-nums;
  }
  .more svg {
    width: 12px;
    height: 12px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.5;
  }
  [popover] {
    box-sizing: border-box;
    width: max-content;
    min-width: 16rem;
    max-width: calc(100vw - 16px);
    max-height: min(28rem, calc(100dvh - 80px));
    overflow-y: auto;
    padding: 8px;
    border: 1px solid var(--coscribe-border, light-dark(#e6e3dd, #313438));
    border-radius: 12px;
    background: var(--coscribe-raised, light-dark(#fff, #202225));
    color: inherit;
    box-shadow: 0 8px 32px rgb(0 0 0 / 18%);
  }
  @supports (position-area: block-end) {
    [popover] {
      inset: auto;
      margin: 4px 8px;
      position-area: block-end span-inline-start;
      position-try-fallbacks: flip-block, flip-inline;
    }
  }
  .person {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 4px 8px;
  }
  .name {
    flex: 1;
    min-width: 0;
    /* Marks may be piled upon a letter without end. */
    overflow: clip;
    overflow-wrap: anywhere;
    unicode-bidi: isolate;
  }
  .doing {
    color: var(--coscribe-dim, light-dark(#64666b, #a09e98));
  }
  .action {
    flex: none;
    min-height: 28px;
    padding: 2px 8px;
    border: 0;
    border-radius: 8px;
    background: transparent;
    color: var(--coscribe-accent, light-dark(#0b6e5f, #5ec8b3));
    font-weight: 500;
  }
  .action[aria-pressed='true'] {
    box-shadow: inset 0 0 0 2px currentColor;
  }
  .action:disabled {
    color: var(--coscribe-dim, light-dark(#64666b, #a09e98));
    cursor: default;
  }
  .spoken {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (width <= 40rem) {
    .people {
      gap: 0;
    }
    .people li + li {
      margin-inline-start: -6px;
    }
    .people li:last-child:not(:first-child) {
      margin-inline-start: 0;
    }
    .face:not(.own) {
      box-shadow: 0 0 0 2px var(--coscribe-bg, light-dark(#fdfcfa, #17181a));
    }
    .if-wide {
      display: none;
    }
    .if-narrow {
      display: list-item;
    }
    span.if-narrow {
      display: inline;
    }
    .action {
      min-height: 40px;
    }
  }
  @media (forced-colors: active) {
    .face,
    .more,
    .action {
      border: 1px solid ButtonText;
    }
    .face[data-activity='away'] {
      border-style: dashed;
    }
    .action[aria-pressed='true'] {
      border-width: 3px;
    }
  }
`

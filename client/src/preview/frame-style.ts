/** What the frame takes over from the page around it. */
export interface FrameLook {
  readonly scheme: 'light' | 'dark'
  readonly ink: string
  readonly accent: string
  readonly font: string
  readonly size: string
}

/** The style of what is shown in a preview. */
export function frameStyle({ scheme, ink, accent, font, size }: FrameLook): string {
  const tint = (share: number): string => `color-mix(in srgb, ${ink} ${share}%, transparent)`
  return `
    :root { color-scheme: ${scheme}; overflow: hidden; background: transparent; }
    body {
      box-sizing: border-box; margin: 0; padding: 16px 24px 48px; overflow-wrap: anywhere;
      color: ${ink}; font: ${size}/1.6 ${font};
    }
    body > div { display: flow-root; }
    a { color: ${accent}; text-underline-offset: 2px; }
    a:focus-visible, summary:focus-visible { outline: 2px solid ${accent}; outline-offset: 2px; }
    h1, h2, h3, h4, h5, h6 { margin: 1.2em 0 0.5em; line-height: 1.25; letter-spacing: -0.01em; }
    h1 { font-size: 1.7em; } h2 { font-size: 1.35em; } h3 { font-size: 1.15em; }
    h4, h5, h6 { font-size: 1em; }
    p, ul, ol, dl, blockquote, pre, table, figure { margin: 0 0 0.9em; }
    ul, ol { padding-inline-start: 1.6em; }
    li > p { margin-bottom: 0.3em; } li > ul, li > ol { margin-bottom: 0; }
    body > div:first-child > :first-child { margin-top: 0; }
    blockquote { padding-inline-start: 1em; border-inline-start: 3px solid ${tint(25)}; color: ${tint(80)}; }
    code, kbd, pre { font-family: ui-monospace, "SF Mono", "Cascadia Code", Menlo, monospace; font-size: 0.9em; }
    code, kbd { padding: 0.1em 0.3em; border-radius: 4px; background: ${tint(8)}; }
    pre { padding: 12px 16px; border-radius: 8px; background: ${tint(6)}; white-space: pre-wrap; }
    pre code { padding: 0; background: none; font-size: 1em; }
    table { border-collapse: collapse; }
    th, td { padding: 4px 10px; border: 1px solid ${tint(25)}; text-align: start; }
    img { max-width: 100%; height: auto; }
    hr { margin: 1.5em 0; border: 0; border-top: 1px solid ${tint(30)}; }
    mark { background: light-dark(#f3c94b66, #b98a1c66); color: inherit; }
  `
}

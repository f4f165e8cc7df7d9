import { createHash } from 'node:crypto'
import { SUBPROTOCOL } from '@coscribe/shared'

const style = `
:root { color-scheme: light dark; --ink: #1c2024; --dim: #5b636b; --paper: #fcfcfb; --line: #e3e4e1; --code: #f2f3f0; --good: #1a7f4b }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --dim: #9aa3ab; --paper: #15181b; --line: #2b3035; --code: #1e2226; --good: #4cc38a }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, sans-serif }
main { max-width: 38rem; margin: 0 auto; padding: 12vh 1.5rem 4rem }
h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 .25rem }
h2 { font-size: 1rem; font-weight: 600; margin: 2.5rem 0 .5rem }
p { margin: 0 0 .75rem; color: var(--dim) }
.state::before { content: ''; display: inline-block; width: .55rem; height: .55rem; border-radius: 50%; background: var(--good); margin-right: .5rem }
pre { margin: 0 0 .75rem; padding: .9rem 1rem; overflow-x: auto; background: var(--code); border: 1px solid var(--line); border-radius: .5rem; font: 14px/1.5 ui-monospace, monospace }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .875rem; color: var(--dim) }
`

/** Nothing may load, run or frame this page; its one style is named by its hash. */
export const statusPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The page at `/`: that the server runs and how to connect.
 *
 * @param host the checked `Host` header of the request: host and port as the reader's browser reached them
 */
export function statusPage(host: string, version: string): string {
  const address = escape(`ws://${host}`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Coscribe</title>
<style>${style}</style>
<main>
<h1>Coscribe</h1>
<p class="state">The server is running.</p>
<h2>Connect a Yjs app</h2>
<p>Any app that uses y-websocket works unchanged. The name of the document is yours to choose.</p>
<pre>import { WebsocketProvider } from 'y-websocket'

new WebsocketProvider('${address}', 'my document', ydoc)</pre>
<h2>Connect with our own client</h2>
<p>It also says when an edit is saved, which means: on disk.</p>
<pre>import { connect } from '@coscribe/client'

connect({ url: '${address}', doc: 'my document' })</pre>
<footer>Version ${escape(version)} · protocols: y-websocket, ${SUBPROTOCOL}</footer>
</main>
</html>
`
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

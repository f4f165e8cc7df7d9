import type { Page } from 'playwright-core'

/** What an injected script calls. */
const RUN = 'window.injected&&injected()'
/** A place that nothing on an honest page asks for anything. */
const AWAY = 'http://127.0.0.1:9/stolen'

/** Texts that become scripts, styles, requests or elements where somebody forgets that they are texts. */
export const injections: readonly string[] = [
  `<script>${RUN}</script>`,
  `</title><script>${RUN}</script>`,
  `</textarea></style></noscript><script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `"><svg onload=${RUN}>`,
  `' onfocus='${RUN}' autofocus='`,
  `" onmouseover="${RUN}" style="position:fixed;inset:0`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<a href="javascript:${RUN}">x</a>`,
  `javascript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `<math><mtext><table><mglyph><style><img src onerror=${RUN}>`,
  `<template shadowrootmode=open><script>${RUN}</script></template>`,
  `<link rel=stylesheet href=${AWAY}>`,
  `<base href="${AWAY}/">`,
  `<meta http-equiv=refresh content="0;url=${AWAY}">`,
  `<form action=${AWAY}><button autofocus>x</button></form>`,
  `\${${RUN}}`,
  `{{constructor.constructor('${RUN}')()}}`,
  `red;background:url(${AWAY})`,
  `url(${AWAY})`,
  `0);background-image:url(${AWAY}`,
  `</style><style>*{background:url(${AWAY})}`,
  `@import '${AWAY}';`,
  `#fff" data-x="`,
  `\u202e<b>desrever</b>\u202c`,
]

/** What a page did that no text may make it do. */
export interface Evidence {
  /** Scripts that ran. */
  readonly runs: number
  /** What its policy stopped. */
  readonly violations: readonly string[]
  /** Elements, in shadow trees too, that only an injection can have made. */
  readonly foreign: readonly string[]
  /** Requests to anywhere but its own server. */
  readonly requests: readonly string[]
}

declare global {
  interface Window {
    injected: () => void
    runs: number
    stopped: string[]
  }
}

/** Collects what happens in a page, from before its first script on. */
export class InjectionWatch {
  readonly #page: Page
  readonly #requests: string[] = []

  private constructor(page: Page) {
    this.#page = page
  }

  /** @param home the origin that the page may ask */
  static async over(page: Page, home: string): Promise<InjectionWatch> {
    const watch = new InjectionWatch(page)
    await page.addInitScript(collect)
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== home) watch.#requests.push(request.url())
    })
    return watch
  }

  async evidence(): Promise<Evidence> {
    const inPage = await this.#page.evaluate(() => {
      const wanted =
        'img[src], iframe, object, embed, base, form, template, math, style, script:not([src^="/assets/"]), ' +
        `link:not([href^="/"], [rel=modulepreload][href^="${location.origin}/assets/"]), meta[http-equiv], [onerror], [onload], [onfocus], [onmouseover], [href^="javascript:"]`
      const foreign: string[] = []
      const search = (root: ParentNode): void => {
        for (const found of root.querySelectorAll(wanted)) foreign.push(found.outerHTML)
        for (const { shadowRoot } of root.querySelectorAll('*')) {
          if (shadowRoot !== null) search(shadowRoot)
        }
      }
      search(document)
      return { runs: window.runs, violations: window.stopped, foreign }
    })
    return { ...inPage, requests: this.#requests }
  }
}

export const nothing: Evidence = { runs: 0, violations: [], foreign: [], requests: [] }

/** Runs in the page. */
function collect(): void {
  window.runs = 0
  window.stopped = []
  window.injected = () => {
    window.runs++
  }
  window.alert = window.injected
  document.addEventListener('securitypolicyviolation', (event) => {
    window.stopped.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`)
  })
}

interface HtmlPolicy {
  createHTML(html: string): string
  createScriptURL(address: string): string
}

interface TrustedTypes {
  createPolicy(name: string, rules: HtmlPolicy): HtmlPolicy
}

const rules: HtmlPolicy = {
  createHTML: (html) => html,
  createScriptURL: () => {
    throw new TypeError('a preview has no scripts')
  },
}

let policy: HtmlPolicy | null = null

/**
 * The right to parse HTML, on pages that require trusted types; it never leaves this folder. What it lets through is
 * the frame's own few constant letters, and what is parsed only to be sanitized.
 *
 * @throws TypeError where the page's policy does not list `coscribe-preview` among its `trusted-types`
 */
export function previewPolicy(): HtmlPolicy {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  policy ??= trustedTypes?.createPolicy('coscribe-preview', rules) ?? rules
  return policy
}

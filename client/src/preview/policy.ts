interface FramePolicy {
  createHTML(html: string): unknown
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(html: string): string }): FramePolicy
}

/** The frame's own policy, beside that of the page around it: it shows, and asks nobody for anything. */
const FRAME_POLICY = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'"
const FRAME =
  '<!doctype html><html><head><meta charset="utf-8">' +
  `<meta http-equiv="Content-Security-Policy" content="${FRAME_POLICY}"></head><body></body></html>`

let policy: FramePolicy | null = null

/**
 * The document of an empty frame. Pages that require trusted types let no text become one; this one constant may.
 *
 * @throws TypeError where the page's policy does not list `coscribe-preview` among its `trusted-types`
 */
export function emptyFrame(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  if (trustedTypes === undefined) return FRAME
  policy ??= trustedTypes.createPolicy('coscribe-preview', { createHTML: () => FRAME })
  return policy.createHTML('') as string
}

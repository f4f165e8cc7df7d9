import createPurifier, { type Config } from 'dompurify'
import { previewPolicy } from './policy.js'

/** Everything that a text is made of, and nothing that asks, embeds, styles or is filled in. */
const tags = (
  'a abbr b blockquote br caption cite code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i ' +
  'img ins kbd li mark ol p pre q s small span strong sub summary sup table tbody td tfoot th thead tr u ul'
).split(' ')

const config = {
  ALLOWED_TAGS: tags,
  ALLOWED_ATTR: [
    'align',
    'alt',
    'colspan',
    'dir',
    'href',
    'lang',
    'open',
    'rowspan',
    'src',
    'start',
    'title',
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|data:image\/(?:png|jpeg|gif|webp);base64,)/i,
  RETURN_DOM_FRAGMENT: true as const,
}

const LINK = /^(?:https?:\/\/|mailto:)/i
const IMAGE = /^data:image\//i
/** Longest image in a text, in letters of its address. */
const MAX_IMAGE = 1024 * 1024

let purify: ReturnType<typeof createPurifier> | null = null

/**
 * HTML of a text that anybody may have written, as elements that do nothing but show it: no script, no style, no form,
 * no frame, no name. Links lead outside, into a tab of their own that knows nothing of this one. An image that is not in
 * the text itself would ask its server for itself, and becomes a link to it.
 *
 * @param imageName what an image without a text of its own is called
 */
export function sanitized(html: string, imageName: string): DocumentFragment {
  purify ??= createPurifier(window)
  const fragment = purify.sanitize(html, { ...config, TRUSTED_TYPES_POLICY: policyFor() })
  for (const image of fragment.querySelectorAll('img')) showImage(image, imageName)
  for (const link of fragment.querySelectorAll('a')) leadOutside(link)
  return fragment
}

function showImage(image: HTMLImageElement, imageName: string): void {
  const address = image.getAttribute('src') ?? ''
  if (IMAGE.test(address) && address.length <= MAX_IMAGE) return
  const link = image.ownerDocument.createElement('a')
  link.textContent = image.alt === '' ? imageName : `${imageName}: ${image.alt}`
  link.setAttribute('href', address)
  // A link within a link would be two.
  if (image.closest('a') === null) image.replaceWith(link)
  else image.replaceWith(link.textContent)
}

function leadOutside(link: HTMLAnchorElement): void {
  if (!LINK.test(link.getAttribute('href') ?? '')) return link.removeAttribute('href')
  link.target = '_blank'
  link.rel = 'noopener noreferrer nofollow'
}

/** The library asks for more members than it uses. */
function policyFor(): NonNullable<Config['TRUSTED_TYPES_POLICY']> {
  return previewPolicy() as unknown as NonNullable<Config['TRUSTED_TYPES_POLICY']>
}

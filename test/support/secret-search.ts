/** So many characters in a row of a secret are a leak; less may be there by chance. */
const PART = 16

interface Form {
  readonly name: string
  readonly text: string
  /** Characters of this form that stand for {@link PART} of the secret. */
  readonly width: number
}

/** How a secret can stand in bytes: as it is, and in whatever it was wrapped in. */
function formsOf(secret: string): Form[] {
  const bytes = Buffer.from(secret)
  const escaped = (prefix: string, digits: number): string =>
    [...bytes].map((byte) => prefix + byte.toString(16).padStart(digits, '0')).join('')
  // Inside of something longer it begins at any of three places of base64; its edges depend on what is beside it.
  const base64 = ['', 'x', 'xx'].flatMap((before) => {
    const text = Buffer.concat([Buffer.from(before), bytes]).toString('base64')
    return [text, text.replaceAll('+', '-').replaceAll('/', '_')].map((form) =>
      form.replace(/=+$/, '').slice(before === '' ? 0 : 4, -2),
    )
  })
  const width = Math.floor((PART * 4) / 3)
  return [
    { name: 'as it is', text: secret, width: PART },
    { name: 'in hexadecimal', text: bytes.toString('hex'), width: 2 * PART },
    { name: 'percent-encoded', text: escaped('%', 2), width: 3 * PART },
    { name: 'escaped', text: escaped('\\u', 4), width: 6 * PART },
    { name: 'in UTF-16', text: Buffer.from(secret, 'utf16le').toString('latin1'), width: 2 * PART },
    ...base64.map((text) => ({ name: 'in base64', text, width })),
  ]
}

/** Finds any {@link PART} characters in a row of any of some secrets, in any form, in bytes. */
export class SecretSearch {
  /** Which secret a piece is of, by its length. */
  readonly #pieces = new Map<number, Map<string, string>>()
  /** The first four characters of all pieces, so that most places are passed over at once. */
  readonly #starts = new Set<number>()

  /** @param secrets what they are called, and what they are: of 16 characters or more, of ASCII */
  constructor(secrets: Readonly<Record<string, string>>) {
    for (const [name, secret] of Object.entries(secrets)) {
      if (secret.length < PART) throw new RangeError(`${name} is too short to be looked for`)
      for (const form of formsOf(secret)) this.#add(`${name}, ${form.name}`, form)
    }
  }

  #add(name: string, { text, width }: Form): void {
    const pieces = this.#pieces.get(width) ?? new Map<string, string>()
    this.#pieces.set(width, pieces)
    const lower = text.toLowerCase()
    for (let at = 0; at + width <= lower.length; at++) {
      const piece = lower.slice(at, at + width)
      pieces.set(piece, name)
      this.#starts.add(startOf(Buffer.from(piece, 'latin1'), 0))
    }
  }

  /** What was found, each once. Upper and lower case count as one, and so may say more than there is. */
  find(bytes: Uint8Array): string[] {
    const text = Buffer.from(bytes).toString('latin1').toLowerCase()
    const lower = Buffer.from(text, 'latin1')
    const found = new Set<string>()
    for (let at = 0; at + PART <= lower.length; at++) {
      if (!this.#starts.has(startOf(lower, at))) continue
      for (const [width, pieces] of this.#pieces) {
        const name = pieces.get(text.slice(at, at + width))
        if (name !== undefined) found.add(name)
      }
    }
    return [...found]
  }
}

function startOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at)
}

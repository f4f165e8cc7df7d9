import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, type Comment, type Program, type Statement } from 'oxc-parser'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A public name, as the declarations that a build makes have it. */
export interface Declared {
  readonly name: string
  /** Its declaration without its members, or all of it where it has none. */
  readonly signature: string
  /** The text of its doc comment, or `''`. */
  readonly doc: string
  readonly members: readonly DeclaredMember[]
}

export interface DeclaredMember {
  readonly signature: string
  readonly doc: string
}

interface Span {
  readonly start: number
  readonly end: number
}

/** What Lit and custom elements call; nobody else does. */
const PLUMBING =
  /^(?:static (?:override )?readonly (?:properties|styles|formAssociated)|(?:dis)?connectedCallback|attributeChangedCallback|form\w+Callback)\b/

/** Files that were read, by path: entries share most of them. */
const read = new Map<string, DeclarationFile>()

/**
 * The declaration of an exported name.
 *
 * @param file path of the declarations of an entry
 * @throws Error when there is none
 */
export function declarationOf(file: string, name: string): Declared {
  const found = fileAt(file).find(name)
  if (found === null) throw new Error(`${file} declares no ${name}: run npm run build`)
  return found
}

function fileAt(path: string): DeclarationFile {
  const known = read.get(path) ?? new DeclarationFile(path)
  read.set(path, known)
  return known
}

/** One file of declarations. */
class DeclarationFile {
  readonly #path: string
  readonly #text: string
  readonly #program: Program
  readonly #comments: readonly Comment[]

  constructor(path: string) {
    this.#path = path
    this.#text = readFileSync(path, 'utf8')
    const { program, comments } = parseSync(path, this.#text)
    this.#program = program
    this.#comments = comments
  }

  /** Where `name` is declared, here or in what this file exports again. */
  find(name: string): Declared | null {
    for (const statement of this.#program.body) {
      const found = this.#inStatement(statement, name)
      if (found !== null) return found
    }
    return null
  }

  #inStatement(statement: Statement, name: string): Declared | null {
    if (statement.type !== 'ExportNamedDeclaration')
      return this.#declared(statement, statement, name)
    if (statement.declaration !== null) {
      return this.#declared(statement, statement.declaration, name)
    }
    const specifier = statement.specifiers.find(({ exported }) => nameIn(exported) === name)
    if (specifier === undefined) return null
    const local = nameIn(specifier.local)
    if (statement.source === null) return this.#imported(local)
    return this.#elsewhere(statement.source.value, local)
  }

  /** What is imported first, and then exported. */
  #imported(local: string): Declared | null {
    for (const statement of this.#program.body) {
      if (statement.type !== 'ImportDeclaration') continue
      const found = statement.specifiers.find((specifier) => specifier.local.name === local)
      if (found?.type !== 'ImportSpecifier') continue
      return this.#elsewhere(statement.source.value, nameIn(found.imported))
    }
    return null
  }

  #elsewhere(source: string, name: string): Declared {
    const [, sibling] = /^@coscribe\/(\w+)$/.exec(source) ?? []
    if (sibling !== undefined) return declarationOf(join(root, sibling, 'dist', 'index.d.ts'), name)
    return declarationOf(join(dirname(this.#path), source.replace(/\.js$/, '.d.ts')), name)
  }

  /** @param whole what a doc comment stands before, `export` included */
  #declared(whole: Span, declaration: { readonly type: string }, name: string): Declared | null {
    const node = declaration as unknown as {
      readonly id?: { readonly name?: string }
      readonly declarations?: readonly { readonly id: { readonly name?: string } }[]
      readonly body?: Span & { readonly body?: readonly Span[] }
    } & Span
    const declaredName = node.id?.name ?? node.declarations?.[0]?.id.name
    if (declaredName !== name) return null
    const members = node.body?.body ?? []
    const end = members.length > 0 && node.body !== undefined ? node.body.start : node.end
    return {
      name,
      signature: clean(this.#text.slice(node.start, end)).replace(/\s*\{$/, ''),
      doc: this.#docBefore(whole.start),
      members: members.flatMap((member) => this.#member(member)),
    }
  }

  #member(node: Span): DeclaredMember[] {
    const signature = clean(this.#text.slice(node.start, node.end))
    if (/^(?:private|protected|#)/.test(signature) || PLUMBING.test(signature)) return []
    return [{ signature, doc: this.#docBefore(node.start) }]
  }

  #docBefore(start: number): string {
    const comment = this.#comments.findLast(({ end }) => end <= start)
    if (comment === undefined || this.#text.slice(comment.end, start).trim() !== '') return ''
    if (comment.type !== 'Block' || !comment.value.startsWith('*')) return ''
    return comment.value
      .slice(1)
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, ''))
      .join('\n')
      .trim()
  }
}

function nameIn(node: { readonly type: string }): string {
  const named = node as { readonly name?: string; readonly value?: string }
  return named.name ?? named.value ?? ''
}

/** On one line, without what only a compiler reads. */
function clean(text: string): string {
  return text
    .replace(/\/\*\*?[^]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/^declare /, '')
    .replace(/;$/, '')
    .trim()
}

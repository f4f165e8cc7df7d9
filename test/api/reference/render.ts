import { join } from 'node:path'
import { format } from 'prettier'
import {
  entriesOf,
  namesOf,
  root,
  type PackageEntry,
  type PackageName,
} from '../../support/public-names.js'
import { declarationOf, type Declared, type DeclaredMember } from './declarations.js'

/** Where the reference of a package is. */
export function referencePath(workspace: PackageName): string {
  return join(root, 'docs', 'api', `${workspace}.md`)
}

/** The reference of a package, from the declarations that a build has made. */
export function referenceOf(workspace: PackageName): Promise<string> {
  const entries = entriesOf(workspace)
  const text = [
    `# @coscribe/${workspace}`,
    'Made by `npm run docs` from the declarations and their comments. Every public name is here, by what it is imported from; members that begin with `readonly` are for reading.',
    ...entries.flatMap((entry) => entryText(entry)),
  ].join('\n\n')
  return format(text, { parser: 'markdown', semi: false, singleQuote: true, printWidth: 100 })
}

function entryText(entry: PackageEntry): string[] {
  const names = namesOf(entry).map((name) => name.replace(/^type /, ''))
  return [`## ${entry.specifier}`, ...names.flatMap((name) => nameText(entry, name))]
}

function nameText({ declarations }: PackageEntry, name: string): string[] {
  const declared = declarationOf(declarations, name)
  return [
    `### ${name}`,
    signatureText(declared),
    proseOf(declared.doc),
    membersText(declared.members),
  ]
}

function signatureText({ signature }: Declared): string {
  return ['```ts', signature, '```'].join('\n')
}

function membersText(members: readonly DeclaredMember[]): string {
  return members.map(({ signature, doc }) => `- \`${signature}\`${memberDoc(doc)}`).join('\n')
}

function memberDoc(doc: string): string {
  if (doc === '') return ''
  return `\\\n  ${proseOf(doc).replaceAll('\n', '\n  ')}`
}

/** A doc comment as Markdown: links are names, tags are sentences. */
function proseOf(doc: string): string {
  const [text = '', ...tags] = doc
    .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
    .split(/^@/m)
    .map((part) => part.trim())
  return [text, tags.map((tag) => `- ${tagText(tag)}`).join('\n')].filter(Boolean).join('\n\n')
}

function tagText(tag: string): string {
  const [, kind = '', rest = ''] = /^(\w+)\s*([^]*)$/.exec(tag) ?? []
  if (kind === 'param') return rest.replace(/^(\w+)\s*/, '`$1`: ')
  if (kind === 'returns') return `Returns ${rest}`
  if (kind === 'throws') return `Throws ${rest.replace(/^(\w+Error)\b/, '`$1`')}`
  return `${kind}: ${rest}`
}

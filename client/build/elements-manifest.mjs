// Writes custom-elements.json from the declarations and their comments: what editors and documentation know of our
// elements. With --print it goes to stdout, for the test that compares.
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const client = new URL('..', import.meta.url)
const target = fileURLToPath(new URL('custom-elements.json', client))

/** Every element, the sources of its class (the class itself first), and where its events are declared. */
const elements = [
  {
    tagName: 'coscribe-editor',
    name: 'CoscribeEditor',
    sources: ['coscribe-editor.ts', 'editor-field.ts', 'editor-properties.ts'],
    events: { source: 'editor-events.ts', of: 'EditorEvents', prefix: 'coscribe-' },
  },
  {
    tagName: 'coscribe-avatars',
    name: 'CoscribeAvatars',
    sources: ['coscribe-avatars.ts'],
  },
  { tagName: 'coscribe-status', name: 'CoscribeStatus', sources: ['coscribe-status.ts'] },
  {
    tagName: 'coscribe-preview',
    name: 'CoscribePreview',
    sources: ['../preview/coscribe-preview.ts'],
    path: 'dist/preview/index.js',
  },
]

const read = (file) => readFileSync(new URL(`src/editor/${file}`, client), 'utf8')

/** A comment without its stars, in one line per paragraph. */
function plain(comment) {
  return comment
    .replaceAll(/^\s*\/\*\*\s?|\s*\*\/\s*$/g, '')
    .replaceAll(/^\s*\* ?/gm, '')
    .trim()
    .replaceAll(/\{@link (?:\w+\.)?(\w+)\}/g, '`$1`')
    .replaceAll(/(?<!\n)\n(?![\n@])/g, ' ')
}

function classComment(source, name) {
  const [before] = source.split(`export class ${name} `)
  const text = plain(before.slice(before.lastIndexOf('/**')))
  const [description, ...tags] = text.split(/\n+@/)
  return { description: description.trim(), tags }
}

/** What a class comment lists under one tag: `@slot name - what for`. */
function listed(tags, tag) {
  return tags.flatMap((line) => {
    const found = new RegExp(`^${tag} (.+)$`, 's').exec(line)
    if (found === null) return []
    const [name, ...rest] = ` ${found[1]}`.split(' - ')
    return [{ name: name.trim().replace(/^-$/, ''), description: rest.join(' - ').trim() }]
  })
}

/** The properties that Lit knows: name, attribute and whether it is reflected. */
function reactive(source) {
  const body =
    /static override readonly properties[^=]*= \{\n(.*?)\n {2}\}/s.exec(source)?.[1] ?? ''
  return [...body.matchAll(/^ {4}(\w+): \{(.*?)\},?$/gm)].flatMap(([, name, options]) => {
    if (options.includes('state: true')) return []
    const own = /attribute: (?:'([^']+)'|(false))/.exec(options)
    const attribute = own?.[2] === 'false' ? null : (own?.[1] ?? name.toLowerCase())
    return [[name, { attribute, reflects: options.includes('reflect: true') }]]
  })
}

/** Fields, accessors and methods that are public and have a comment. */
function members(source) {
  const comment = String.raw`^ {2}(\/\*\*(?:(?!\*\/).)*\*\/)\n`
  const fields = source.matchAll(new RegExp(`${comment} {2}declare (\\w+): ([^\\n]+)`, 'gms'))
  const getters = source.matchAll(
    new RegExp(`${comment} {2}(?:override )?get (\\w+)\\(\\): ([^{]+) \\{`, 'gms'),
  )
  const methods = source.matchAll(
    new RegExp(`${comment} {2}(?:async )?(\\w+)\\(([^)]*)\\): ([^{\\n]+) \\{`, 'gms'),
  )
  return [
    ...[...fields].map(([, text, name, type]) => field(name, type, text)),
    ...[...getters].map(([, text, name, type]) => ({
      ...field(name, type, text),
      ...(source.includes(`  set ${name}(`) ? {} : { readonly: true }),
    })),
    ...[...methods].map(([, text, name, parameters, type]) => ({
      kind: 'method',
      name,
      parameters: parameters === '' ? [] : parameters.split(', ').map(parameter),
      return: { type: { text: type.trim() } },
      description: plain(text),
    })),
  ]
}

function field(name, type, comment) {
  return { kind: 'field', name, type: { text: type.trim() }, description: plain(comment) }
}

function parameter(text) {
  const [name, type] = text.split(': ')
  return { name, type: { text: type } }
}

function eventsIn({ source, of, prefix }) {
  const body = read(source).split(`export interface ${of} {\n`)[1].split('\n}')[0]
  const found = body.matchAll(/^ {2}(\/\*\*.*?\*\/)\n {2}readonly (\w+): ([^\n]+)/gms)
  return [...found].map(([, comment, name, type]) => ({
    name: `${prefix}${name}`,
    type: { text: `CustomEvent<${type}>` },
    description: plain(comment),
  }))
}

function describe({ tagName, name, sources, events }) {
  const texts = sources.map(read)
  const { description, tags } = classComment(texts[0], name)
  const known = new Map(texts.flatMap(reactive))
  const all = texts.flatMap(members).map((member) => {
    const { attribute = null, reflects = false } = known.get(member.name) ?? {}
    return attribute === null ? member : { ...member, attribute, ...(reflects ? { reflects } : {}) }
  })
  const attributes = all.flatMap(({ name: fieldName, attribute, type, description: text }) =>
    attribute === undefined ? [] : [{ name: attribute, fieldName, type, description: text }],
  )
  return {
    kind: 'class',
    customElement: true,
    name,
    tagName,
    description,
    attributes,
    members: all,
    events: events === undefined ? listed(tags, 'fires') : eventsIn(events),
    slots: listed(tags, 'slot'),
    cssParts: listed(tags, 'csspart'),
    cssProperties: listed(tags, 'cssprop'),
    cssStates: listed(tags, 'cssstate'),
  }
}

const manifest = {
  schemaVersion: '2.1.0',
  readme: '',
  modules: elements.map((element) => ({
    kind: 'javascript-module',
    path: element.path ?? `dist/elements/${element.tagName}.js`,
    declarations: [describe(element)],
    exports: [
      { kind: 'js', name: element.name, declaration: { name: element.name } },
      {
        kind: 'custom-element-definition',
        name: element.tagName,
        declaration: { name: element.name },
      },
    ],
  })),
}

const text = `${JSON.stringify(manifest, null, 2)}\n`
if (process.argv.includes('--print')) process.stdout.write(text)
else writeFileSync(target, text)

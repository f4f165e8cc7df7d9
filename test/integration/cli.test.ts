import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { RawClient } from '../support/raw-client.js'
import { OTHER_SECRET, SECRET, token } from '../support/tokens.js'
import { folderForTest, runCli, spawnServer } from '../support/test-server.js'

const { version } = JSON.parse(
  readFileSync(new URL('../../server/package.json', import.meta.url), 'utf8'),
) as { version: string }

/** One sentence on stderr, named after the program; nothing on stdout. */
function expectSentence(result: { stdout: string; stderr: string }, sentence: RegExp): void {
  const lines = result.stderr.split('\n').filter((line) => line.startsWith('coscribe: '))
  expect(lines.length, result.stderr).toBe(1)
  expect(lines[0]).toMatch(sentence)
  expect(result.stdout).toBe('')
}

describe('coscribe', () => {
  it('[L1] serve prints its address and nothing else on stdout', async () => {
    const data = folderForTest()
    const server = await spawnServer({ data })
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    expect(server.port).toBeGreaterThan(0)
    const page = await fetch(server.url)
    expect(page.status).toBe(200)
    expect(server.log()).toContain('"msg":"listening"')
    await server.kill()
  })

  it('[L1] serve puts an IPv6 address in brackets', async () => {
    const server = await spawnServer({ data: folderForTest(), host: '::1' })
    expect(server.url).toBe(`http://[::1]:${server.port}`)
    expect((await fetch(server.url)).status).toBe(200)
    await server.kill()
  })

  it('[L3] takes options from the environment, and flags before them', async () => {
    const data = folderForTest()
    const env = { COSCRIBE_DATA: data, COSCRIBE_LOG_LEVEL: 'silent', COSCRIBE_HOST: 'nowhere' }
    const server = await spawnServer({ host: '127.0.0.1' }, { env })
    expect(server.log()).toBe('')
    await server.kill()
  })

  it('[L2] shows help and version', async () => {
    const help = await runCli(['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('serve')
    const serveHelp = await runCli(['serve', '--help'])
    expect(serveHelp.code).toBe(0)
    expect(serveHelp.stdout).toContain('--message-bytes <bytes>  (COSCRIBE_MESSAGE_BYTES)')
    expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
  })

  it.each([
    [[], /name a command, such as coscribe serve/],
    [['sreve'], /there is no command "sreve"; see coscribe --help/],
    [['serve', '--prot', '1'], /there is no flag --prot; see coscribe serve --help/],
    [['serve', '--port', 'x'], /--port takes a whole number from 0 to 65535, got "x"/],
    [['serve', '--durability=never'], /--durability takes one of fsync, os/],
  ])('[L2] exits with 2 for %j', async (args, sentence) => {
    const result = await runCli(args)
    expect(result.code).toBe(2)
    expectSentence(result, sentence)
  })

  it('[A2] refuses a host that others reach', async () => {
    const result = await runCli(['serve', '--host', '0.0.0.0', '--log-level', 'silent'])
    expect(result.code).toBe(2)
    expectSentence(result, /no authentication: use --host 127\.0\.0\.1, or/)
    expect(result.stderr).toContain(
      'serve --host 0.0.0.0 --auth-secret-file coscribe.secret --allowed-origins https://docs.example\n',
    )
  })

  it.each([
    [
      { COSCRIBE_AUTH_SECRET: 'change-me-change-me-change-me-change-me' },
      /AUTH_SECRET.*placeholder/,
    ],
    [{ COSCRIBE_AUTH_SECRET: 'short' }, /COSCRIBE_AUTH_SECRET.*shorter than 32 bytes/],
    [{ COSCRIBE_AUTH_SECRET: SECRET, COSCRIBE_AUTH_SECRET_FILE: 'x' }, /use one of them/],
    [{ COSCRIBE_AUTH_SECRET_FILE: '/nowhere/secret' }, /\/nowhere\/secret cannot be read/],
    [{ COSCRIBE_AUTH_SECRET: SECRET, COSCRIBE_ALLOWED_ORIGINS: '*' }, /--allowed-origins takes/],
  ])('[A32] refuses to start with %j', async (env, sentence) => {
    const result = await runCli(['serve', '--host', '0.0.0.0', '--port', '0'], { env })
    expect(result.code).toBe(2)
    expectSentence(result, sentence)
    expect(result.stderr).not.toContain(SECRET)
  })

  it('[A32] takes the secret from a file or the environment, and listens for everybody then', async () => {
    const file = join(folderForTest(), 'secret')
    writeFileSync(file, `${SECRET}\n`)
    const asked = { data: folderForTest(), host: '0.0.0.0', cookies: 'off' }
    const bySecretFile = await spawnServer({ ...asked, authSecretFile: file })
    const byEnvironment = await spawnServer(
      { ...asked, data: folderForTest() },
      { env: { COSCRIBE_AUTH_SECRET: SECRET } },
    )
    for (const server of [bySecretFile, byEnvironment]) {
      const url = `http://127.0.0.1:${server.port}`
      const client = await RawClient.joined(url, 'doc', 'coscribe.v1', { token: await token() })
      expect(client.hello?.access).toBe('write')
      client.close()
      await server.kill()
    }
  })

  it('[A40] token prints a token that opens what it was asked to', async () => {
    const file = join(folderForTest(), 'secret')
    writeFileSync(file, `${SECRET}\n${OTHER_SECRET}\n`)
    const server = await spawnServer({ data: folderForTest(), authSecretFile: file })
    const args = [
      '--sub',
      'ada',
      '--name',
      'Ada L.',
      '--doc',
      'doc',
      '--doc',
      '__proto__',
      '--prefix',
      'team/',
    ]
    const printed = await runCli(['token', '--secret-file', file, ...args, '--access', 'read'])
    expect(printed).toMatchObject({ code: 0, stderr: '' })
    const arrival = { token: printed.stdout.trim() }
    expect(decodeJwt(arrival.token)).toMatchObject({ sub: 'ada', name: 'Ada L.' })
    for (const documentId of ['doc', '__proto__', 'team/a']) {
      const client = await RawClient.joined(server.url, documentId, 'coscribe.v1', arrival)
      expect(client.hello?.access).toBe('read')
      client.close()
    }
    const refused = new RawClient(server.url, 'other', 'coscribe.v1', undefined, arrival)
    await refused.open()
    expect(refused.ending?.code).toBe(4403)
    refused.close()
    await server.kill()
  })

  const env = { COSCRIBE_AUTH_SECRET: SECRET }
  it.each([
    [['--sub', 'ada', '--doc', 'x'], {}, /--secret-file or COSCRIBE_AUTH_SECRET says/],
    [['--doc', 'x'], env, /--sub says who/],
    [['--sub', 'ada'], env, /--doc or --prefix/],
    [['--sub', 'ada', '--doc', 'x', '--access', 'own'], env, /--access takes one of read, comment/],
    [['--sub', 'ada', '--doc', 'x', '--ttl', '31d'], env, /--ttl takes a time up to 30d/],
    [['--sub', 'ada', '--doc', 'x', '--ttl', '0s'], env, /--ttl takes/],
    [['--sub', 'ada', '--secret', 'x'], env, /'--secret'; see coscribe token --help/],
  ])('[A40] token says what is wrong with %j', async (args, environment, sentence) => {
    const result = await runCli(['token', ...args], { env: environment })
    expect(result.code).toBe(2)
    expectSentence(result, sentence)
  })

  it('[L2] exits with 1 when the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const result = await runCli(['serve', '--port', `${port}`, '--data', folderForTest()])
    taken.close()
    expect(result.code).toBe(1)
    expectSentence(result, /is in use by another program.*--port/)
  })

  it('[L2] exits with 1 when another server has the folder, which goes on', async () => {
    const data = folderForTest()
    const first = await spawnServer({ data })
    const second = await runCli(['serve', '--port', '0', '--data', data])
    expect(second.code).toBe(1)
    expectSentence(second, /./)
    expect((await fetch(first.url)).status).toBe(200)
    await first.kill()
  })

  it('[L2] exits with 1 for a folder that is not ours, and leaves it alone', async () => {
    const data = join(folderForTest(), 'photos')
    mkdirSync(data)
    writeFileSync(join(data, 'holiday.jpg'), 'x')
    const result = await runCli(['serve', '--port', '0', '--data', data])
    expect(result.code).toBe(1)
    expectSentence(result, /./)
    expect(readFileSync(join(data, 'holiday.jpg'), 'utf8')).toBe('x')
  })
})

import { describe, expect, it } from 'vitest'
import { CANARY } from '../support/canary.js'
import { leaksIn } from '../support/leak-search.js'
import { SECRET, token } from '../support/tokens.js'

const ticket = `cst_${'a'.repeat(43)}`

describe('what the servers of a whole run of the tests have said', () => {
  it.each([
    ['a token', async () => `{"subject":"${await token()}"}`],
    ['a token as a subprotocol', () => 'coscribe.v1, coscribe.token.opaque'],
    ['a ticket', () => `GET /doc ${ticket}`],
    ['a credential in a header', () => 'Bearer opaque'],
    ['a query', () => '/doc?token=opaque'],
    ['a secret', () => `the secret ${SECRET}`],
    ['the text of a document', () => `an update: 01${CANARY}02`],
  ])('[A46] is searched for %s', async (what, said) => {
    expect(leaksIn(`one line\n${await said()}\n`).map((leak) => leak.split(',', 1)[0])).toContain(
      what,
    )
  })

  it('[A46] control: may be what is said of them', () => {
    const lines = [
      '/doc?token=[redacted]',
      'coscribe.token.[redacted]',
      'a token was refused',
      'bearer',
    ]
    expect(leaksIn(lines.join('\n'))).toEqual([])
  })
})

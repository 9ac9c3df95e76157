import { PassThrough, Readable, Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { entryCheckLine } from './entry-check-line.ts'
import { explainLine } from './explain-line.ts'
import { type AnswerLine, answerJsonLines } from './json-lines.ts'

const echo: AnswerLine = (line) => ({ id: (line as { id?: unknown }).id, ok: true }) // lines here are objects

async function run(
  input: string | Uint8Array,
  answer: AnswerLine = echo,
): Promise<{ lines: string[]; malformedLines: number }> {
  const output = new PassThrough()
  const written = output.toArray()
  const outcome = await answerJsonLines(
    { input: Readable.from([Buffer.from(input)]), output },
    answer,
  )
  output.end()
  const text = Buffer.concat(await written).toString()
  return {
    lines: text === '' ? [] : text.slice(0, -1).split('\n'),
    malformedLines: outcome.malformedLines,
  }
}

describe('each line has its answer in its place', () => {
  test.each<{ input: string; gives: string[]; malformed: number; because: string }>([
    { input: '', gives: [], malformed: 0, because: 'nothing for nothing' },
    {
      input: '{"id":1}\n{"id":2}',
      gives: ['{"id":1,"ok":true}', '{"id":2,"ok":true}'],
      malformed: 0,
      because: 'the last without LF',
    },
    { input: '{"id":1}\r\n', gives: ['{"id":1,"ok":true}'], malformed: 0, because: 'CR' },
    { input: '\uFEFF{"id":1}\n', gives: ['{"id":1,"ok":true}'], malformed: 0, because: 'BOM' },
    {
      input: '\n{"id":1}\n \t\n',
      gives: [
        '{"error":"The line is blank."}',
        '{"id":1,"ok":true}',
        '{"error":"The line is blank."}',
      ],
      malformed: 2,
      because: 'blank lines are malformed',
    },
    {
      input: '{"id":1\n',
      gives: ['{"error":"The line is not JSON."}'],
      malformed: 1,
      because: 'half an object',
    },
    {
      input: '{"id":1}{"id":2}\n',
      gives: ['{"error":"The line is not JSON."}'],
      malformed: 1,
      because: 'two values',
    },
    {
      input: `${'['.repeat(100_000)}\n{"id":1}`,
      gives: ['{"error":"The line is not JSON."}', '{"id":1,"ok":true}'],
      malformed: 1,
      because: 'nesting without end',
    },
  ])('$because', async ({ input, gives, malformed }) => {
    expect(await run(input)).toEqual({ lines: gives, malformedLines: malformed })
  })

  test.each<{ id: string; because: string }>([
    { id: '12345678901234567890', because: 'more digits than a double has' },
    { id: '1e400', because: 'larger than a double' },
    { id: '0.10', because: 'digits as written' },
    {
      id: '{"__proto__":{"a":[9007199254740993]}}',
      because: 'a name of the language, a large number',
    },
    { id: `${'['.repeat(50_000)}${']'.repeat(50_000)}`, because: 'nested deeper than a stack' },
    { id: '"a\\ud800"', because: 'half a surrogate pair' },
    { id: 'null', because: 'null' },
  ])('the id comes back as it was: $because', async ({ id }) => {
    const { lines } = await run(`{"id":${id},"x":1}\n`)
    expect(lines).toEqual([`{"id":${id},"ok":true}`])
  })

  test('of a repeated member the last counts', async () => {
    const { lines } = await run(
      '{"id":1,"kind":"ip","id":2,"kind":"domain","input":"a.example.com"}',
      entryCheckLine,
    )
    expect(lines).toEqual(['{"id":2,"ok":true,"value":"a.example.com","warnings":[]}'])
  })

  test('a malformed line is told from a denial by its error', async () => {
    const input = '{"restrictions":{},"request":{"headers":[],"peer":null}}\n{"restrictions":{}}\n'
    const { lines, malformedLines } = await run(input, (line) => explainLine(line))
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([
      ['id', 'effect', 'source', 'reason', 'domain', 'address'],
      ['id', 'error'],
    ])
    expect(malformedLines).toBe(1)
  })
})

test('a line is answered before the next one comes', async () => {
  const input = new PassThrough()
  const output = new PassThrough()
  const outcome = answerJsonLines({ input, output }, echo)
  const answers = output[Symbol.asyncIterator]()
  for (const id of [1, 2, 3]) {
    input.write(`{"id":${id}}\n`)
    const { value } = await answers.next()
    expect(String(value)).toBe(`{"id":${id},"ok":true}\n`)
  }
  input.end()
  expect(await outcome).toEqual({ malformedLines: 0 })
})

test('a reader who takes nothing stops the reading', async () => {
  let taken = 0
  const lines = Buffer.from('{"id":1}\n'.repeat(1000))
  const input = new Readable({
    highWaterMark: 1,
    read() {
      taken++
      this.push(lines)
    },
  })
  const { promise: first, resolve } = Promise.withResolvers<void>()
  const stuck = new Writable({ write: () => resolve() })
  const outcome = answerJsonLines({ input, output: stuck }, echo)
  await first
  const before = taken
  await new Promise((next) => setImmediate(next))
  expect(taken).toBeLessThanOrEqual(before + 2)
  stuck.on('error', () => undefined)
  stuck.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }))
  expect(await outcome).toEqual({ malformedLines: 0 })
  expect(input.destroyed).toBe(true)
})

test('a disk that is full is no quiet end', async () => {
  const output = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  })
  output.on('error', () => undefined)
  const input = Readable.from([Buffer.from('{"id":1}\n')])
  await expect(answerJsonLines({ input, output }, echo)).rejects.toThrow('full')
})

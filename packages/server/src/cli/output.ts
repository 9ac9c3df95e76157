import type { Writable } from 'node:stream'

/** `closed`: nobody reads any more (`| head`), which is no failure. */
export type WriteOutcome = 'written' | 'closed'

/**
 * Writes a text and waits until it is taken, so that a slow reader slows the writer.
 * @throws what else the stream fails with: a full disk is a broken machine.
 */
export function writeText(output: Writable, text: string): Promise<WriteOutcome> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null | undefined): void => {
      output.off('close', onClose)
      if (error === null || error === undefined) resolve('written')
      else if (isClosedPipe(error)) resolve('closed')
      else reject(error)
    }
    // A stream that is closed in the middle of a write never says what became of it.
    const onClose = (): void => settle(output.errored ?? new ClosedWhileWriting())
    output.on('close', onClose)
    output.write(text, settle)
  })
}

/**
 * Writes one value as indented JSON and a line end. What a terminal might obey is escaped; JSON itself
 * asks that only of what is below U+0020.
 */
export function writeJson(output: Writable, value: unknown): Promise<WriteOutcome> {
  const text = JSON.stringify(value, undefined, 2).replace(OBEYED, escaped)
  return writeText(output, `${text}\n`)
}

const OBEYED = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu

function escaped(character: string): string {
  const units = [...Array(character.length).keys()].map((at) => character.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

class ClosedWhileWriting extends Error {
  readonly code = 'ERR_STREAM_DESTROYED'
}

const CLOSED = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'])

function isClosedPipe(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && CLOSED.has(error.code)
}

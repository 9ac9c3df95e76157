import { describe, expect, test } from 'vitest'
import { readRequestLine, readStatusLine } from './start-line.ts'

describe('a request line is read', () => {
  test.each<{ line: string; gives: readonly [string, string, number] }>([
    { line: 'GET / HTTP/1.1\r\n', gives: ['GET', '/', 1] },
    { line: 'M-SEARCH /a?b=%20#c HTTP/1.0\r\n', gives: ['M-SEARCH', '/a?b=%20#c', 0] },
    { line: 'get http://a.example/ HTTP/1.1\r\n', gives: ['get', 'http://a.example/', 1] },
    { line: 'OPTIONS * HTTP/1.1\r\n', gives: ['OPTIONS', '*', 1] },
    { line: 'GET /\u00e9 HTTP/1.1\r\n', gives: ['GET', '/\u00e9', 1] },
  ])('$line', ({ line, gives }) => {
    const read = readRequestLine(Buffer.from(line, 'latin1'), 0)
    expect(read).toEqual({
      method: gives[0],
      target: gives[1],
      minorVersion: gives[2],
      end: line.length,
    })
  })
})

describe('a request line is none', () => {
  test.each<{ line: string; because: string }>([
    { line: '', because: 'nothing' },
    { line: 'GET / HTTP/1.1', because: 'its end is missing' },
    { line: 'GET / HTTP/1.1\n', because: 'LF by itself' },
    { line: 'GET / HTTP/1.1 \r\n', because: 'a blank behind the version' },
    { line: ' GET / HTTP/1.1\r\n', because: 'a blank before the method' },
    { line: 'GET  / HTTP/1.1\r\n', because: 'two blanks' },
    { line: 'GET /  HTTP/1.1\r\n', because: 'two blanks before the version' },
    { line: 'GET\t/ HTTP/1.1\r\n', because: 'HTAB for a blank' },
    { line: 'GET /a b HTTP/1.1\r\n', because: 'a blank in the target' },
    { line: 'GET /\u0000 HTTP/1.1\r\n', because: 'NUL in the target' },
    { line: 'GET /\u007f HTTP/1.1\r\n', because: 'DEL in the target' },
    { line: 'GET /\r HTTP/1.1\r\n', because: 'CR in the target' },
    { line: 'GET HTTP/1.1\r\n', because: 'no target' },
    { line: 'G(T / HTTP/1.1\r\n', because: 'a method is a token' },
    { line: 'GET /\r\n', because: 'HTTP/0.9' },
    { line: 'G(/ HTTP/1.1\r\n', because: 'no blank behind the method' },
    { line: ' / HTTP/1.1\r\n', because: 'no method' },
    { line: 'GET /\u0000HTTP/1.1\r\n', because: 'NUL for a blank' },
    { line: 'GET  HTTP/1.1\r\n', because: 'an empty target' },
    { line: 'GET / HTTP/1.1\u0000\n', because: 'NUL before LF' },
    { line: 'GET / HTTP/2.0\r\n', because: 'HTTP/2 in words' },
    { line: 'GET / HTTP/1.2\r\n', because: 'a version that is none' },
    { line: 'GET / http/1.1\r\n', because: 'a version is written in capitals' },
    { line: 'GET / HTTP/1.10\r\n', because: 'a version of one digit' },
  ])('$because', ({ line }) => {
    expect(readRequestLine(Buffer.from(line, 'latin1'), 0)).toBeUndefined()
  })
})

describe('a status line is read', () => {
  test.each<{ line: string; gives: readonly [number, number, string] }>([
    { line: 'HTTP/1.1 200 OK\r\n', gives: [1, 200, 'OK'] },
    { line: 'HTTP/1.1 100 Continue\r\n', gives: [1, 100, 'Continue'] },
    { line: 'HTTP/1.1 200 a\tb\r\n', gives: [1, 200, 'a\tb'] },
    { line: 'HTTP/1.0 404 Not Found\r\n', gives: [0, 404, 'Not Found'] },
    { line: 'HTTP/1.1 204 \r\n', gives: [1, 204, ''] },
    { line: 'HTTP/1.1 204\r\n', gives: [1, 204, ''] },
    { line: 'HTTP/1.1 999 \u00fcber\r\n', gives: [1, 999, '\u00fcber'] },
  ])('$line', ({ line, gives }) => {
    const read = readStatusLine(Buffer.from(line, 'latin1'), 0)
    expect(read).toEqual({
      minorVersion: gives[0],
      status: gives[1],
      reasonPhrase: gives[2],
      end: line.length,
    })
  })
})

describe('a status line is none', () => {
  test.each<{ line: string; because: string }>([
    { line: '', because: 'nothing' },
    { line: 'HTTP/1.1 200 OK', because: 'its end is missing' },
    { line: 'HTTP/1.1 200 OK\n', because: 'LF by itself' },
    { line: 'HTTP/1.1 200 O\rK\r\n', because: 'CR in the phrase' },
    { line: 'HTTP/1.1 200 \u0000\r\n', because: 'NUL in the phrase' },
    { line: 'HTTP/1.1 20 OK\r\n', because: 'two digits' },
    { line: 'HTTP/1.1 2000 OK\r\n', because: 'four digits' },
    { line: 'HTTP/1.1 099 OK\r\n', because: 'a status begins at 100' },
    { line: 'HTTP/1.1 2a0 OK\r\n', because: 'a letter' },
    { line: 'HTTP/1.1  200 OK\r\n', because: 'two blanks' },
    { line: 'HTTP/1.1\t200 OK\r\n', because: 'HTAB for a blank' },
    { line: 'HTTP/2 200 OK\r\n', because: 'another version' },
    { line: 'HTTP/2.0 200 OK\r\n', because: 'HTTP/2 in words' },
    { line: 'HTTP/1.1/200 OK\r\n', because: 'no blank behind the version' },
    { line: 'HTTP/1.1 2:0 OK\r\n', because: 'a character behind 9' },
    { line: 'HTTP/1.1 2/0 OK\r\n', because: 'a character before 0' },
    { line: 'HTTP/1.1 200 \u007f\r\n', because: 'DEL in the phrase' },
    { line: 'HTTP/1.1 200 OK\u0000\n', because: 'NUL before LF' },
    { line: 'ICY 200 OK\r\n', because: 'another protocol' },
  ])('$because', ({ line }) => {
    expect(readStatusLine(Buffer.from(line, 'latin1'), 0)).toBeUndefined()
  })
})

import { expect, test } from 'vitest'
import { judgeAudit } from './audit-dependencies.ts'

/** As npm 11 prints it, shortened. */
const report = (vulnerabilities: object) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities,
    metadata: { vulnerabilities: { total: Object.keys(vulnerabilities).length } },
  })

const LODASH = {
  name: 'lodash',
  severity: 'high',
  isDirect: true,
  via: [
    { source: 1106913, name: 'lodash', title: 'Command Injection in lodash', range: '<4.17.21' },
  ],
  range: '<=4.17.20',
  fixAvailable: true,
}
const BELOW = {
  name: 'uses-lodash',
  severity: 'low',
  isDirect: false,
  via: ['lodash'],
  range: '*',
  fixAvailable: false,
}

test.each<{ printed: string; gives: object; because: string }>([
  {
    printed: report({ lodash: LODASH, 'uses-lodash': BELOW }),
    gives: {
      kind: 'vulnerable',
      lines: [
        'high: lodash <=4.17.20: Command Injection in lodash (npm audit fix)',
        'low: uses-lodash *: through lodash (no fixed version yet)',
      ],
    },
    because: 'every severity is told',
  },
  {
    printed: JSON.stringify({
      message:
        '405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk',
      statusCode: 405,
      error: { summary: '', detail: '' },
    }),
    gives: { kind: 'not_known', because: expect.stringContaining('405') },
    because: 'a mirror without advisories knows none, which is not that there is none',
  },
  {
    printed: JSON.stringify({
      message: 'request to https://registry.example/ failed, reason: getaddrinfo ENOTFOUND',
      error: { summary: '', detail: '' },
    }),
    gives: { kind: 'not_known', because: expect.stringContaining('ENOTFOUND') },
    because: 'off line',
  },
  {
    printed: JSON.stringify({
      error: { code: 'ENOLOCK', summary: 'This command requires a lockfile.' },
    }),
    gives: { kind: 'not_known', because: 'This command requires a lockfile.' },
    because: 'an error without a message has a summary',
  },
  { printed: '', gives: { kind: 'not_known' }, because: 'npm did not run' },
  { printed: '{"vulnerabilities":', gives: { kind: 'not_known' }, because: 'a torn report' },
  { printed: '[]', gives: { kind: 'not_known' }, because: 'no report at all' },
  {
    printed: JSON.stringify({ vulnerabilities: {} }),
    gives: { kind: 'not_known' },
    because: 'a report that does not say what it counted is not whole',
  },
  {
    printed: report({}),
    gives: { kind: 'none_known' },
    because: 'a whole report without a finding',
  },
])('$gives.kind: $because', ({ printed, gives }) => {
  expect(judgeAudit(printed)).toMatchObject(gives)
})

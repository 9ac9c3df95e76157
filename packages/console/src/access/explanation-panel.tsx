import type { ReactElement } from 'react'
import type { Explanation } from '../api/client.ts'
import { Badge } from '../notice/badge.tsx'
import { evidenceOf, type TriedRequest } from './tried-request.ts'

/** What would become of a tried request: the decision, by which field and rule, and the answer. */
export function ExplanationPanel(props: {
  request: TriedRequest
  explanation: Explanation
}): ReactElement {
  const { request, explanation } = props
  const { effect, sentence, reason, response } = explanation
  return (
    <div className="stack" role="status">
      <div className="row-wrap">
        <Badge
          tone={effect === 'allow' ? 'good' : 'bad'}
          text={effect === 'allow' ? 'Allowed' : 'Refused'}
        />
        <span className="wrap">{sentence}</span>
      </div>
      <dl className="facts">
        <dt>Source</dt>
        <dd>{sourceWords(request, explanation)}</dd>
        <dt>{explanation.source === 'browser' ? 'Domain' : 'Address'}</dt>
        <dd className="mono wrap">{explanation.domain ?? explanation.address ?? 'none'}</dd>
        <dt>Rule</dt>
        <dd className="mono wrap">{reason}</dd>
      </dl>
      {response !== null && (
        <div>
          <p className="small dimmed">What the caller gets</p>
          <pre className="snippet" aria-label="What the caller gets">
            {answerText(response)}
          </pre>
        </div>
      )}
    </div>
  )
}

function sourceWords(request: TriedRequest, { source, enforced }: Explanation): string {
  const evidence = evidenceOf(request.headers)
  const mode = enforced ? '' : ' Report only: it is let through.'
  if (source === null) return `Not looked at: the token does not count.${mode}`
  if (source === 'server') return `server: no Sec-Fetch-Site, Origin or Referer.${mode}`
  return `browser, by ${evidence.join(', ')}.${mode}`
}

function answerText({ status, headers, body }: NonNullable<Explanation['response']>): string {
  const lines = headers.map(([name = '', value = '']) => `${name}: ${value}`)
  return [`HTTP ${status}`, ...lines, '', body].join('\n')
}

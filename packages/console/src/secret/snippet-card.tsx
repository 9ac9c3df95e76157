import type { ReactElement } from 'react'
import { CopyButton } from './copy-button.tsx'
import { curlSnippet, fetchSnippet, type SnippetFacts } from './snippets.ts'

/** How the token is used, written for its lists: on a server and in a page. */
export function SnippetCard(facts: SnippetFacts): ReactElement {
  return (
    <section className="card stack" aria-labelledby="snippets">
      <div>
        <h2 className="section-title" id="snippets">
          Use it
        </h2>
        <p className="small dimmed">With the address of the API in place of api.example.com.</p>
      </div>
      <Snippet title="On a server" text={curlSnippet(facts)} />
      <Snippet title="In a page" text={fetchSnippet(facts)} />
    </section>
  )
}

function Snippet({ title, text }: { title: string; text: string }): ReactElement {
  return (
    <div className="stack-tight">
      <div className="row-between">
        <h3 className="small">{title}</h3>
        <CopyButton text={text} label="Copy" />
      </div>
      <pre className="snippet">{text}</pre>
    </div>
  )
}

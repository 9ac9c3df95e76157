import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { Icon } from '../icon/icon.tsx'
import { UNRESTRICTED } from '@keyfence/core'
import { CopyButton } from './copy-button.tsx'
import { envFile } from './snippets.ts'

/** A secret to be copied or downloaded now. */
export function SecretCard(props: {
  secret: string
  isTaken: boolean
  onTaken: () => void
}): ReactElement {
  const { secret, isTaken, onTaken } = props
  const download = (): void => {
    downloadText('token.env', envFile({ secret, restrictions: UNRESTRICTED }))
    onTaken()
  }
  return (
    <section className="card stack" aria-labelledby="secret">
      <div>
        <h2 className="section-title" id="secret">
          The secret
        </h2>
        <p className={isTaken ? 'small dimmed' : 'small tone-warn'}>
          Copy it now: only its hash is kept, and it is never shown again.
        </p>
      </div>
      <div className="secret" data-testid="secret">
        {secret}
      </div>
      <div className="row-wrap">
        <CopyButton text={secret} label="Copy secret" variant="filled" onCopied={onTaken} />
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="download" size={15} />}
          onClick={download}
        >
          Download as .env
        </Button>
      </div>
    </section>
  )
}

function downloadText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  URL.revokeObjectURL(url)
}

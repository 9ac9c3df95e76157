import type { ExitCode } from './command.ts'
import { type AskedItems, collectItems } from './collect-items.ts'
import type { ManagedRun } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { reportRefusal } from './refusal.ts'

/** Shows a list: `{"items":[…],"more":false}` for programs, `text` for people. */
export async function showItems(
  { management, options, io }: ManagedRun<object>,
  asked: AskedItems,
  text: (items: readonly unknown[]) => string,
): Promise<ExitCode> {
  const { json } = options
  const found = await collectItems(management, asked)
  if (!found.ok) return reportRefusal(found.answer, { io, json })
  const { items, more } = found
  if (json) await writeJson(io.stdout, { items, more })
  else await writeText(io.stdout, items.length === 0 ? 'None.\n' : text(items))
  if (more) await writeText(io.stderr, `There are more than ${asked.limit}: ask with --limit.\n`)
  return 0
}

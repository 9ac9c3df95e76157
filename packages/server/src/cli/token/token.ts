import type { Command } from 'commander'
import type { CommandRun } from '../command.ts'
import { registerTokenChange } from './token-change.ts'
import { registerTokenCreate } from './token-create.ts'
import { registerTokenList } from './token-list.ts'
import { registerTokenRestrict } from './token-restrict.ts'
import { registerTokenRotate } from './token-rotate.ts'
import { registerTokenShow } from './token-show.ts'
import { registerTokenStatus } from './token-status.ts'

/** `keyfence token …`. */
export function registerToken(program: Command, run: CommandRun): void {
  const token = program.command('token').description('issue, restrict and end tokens')
  registerTokenCreate(token, run)
  registerTokenList(token, run)
  registerTokenShow(token, run)
  registerTokenRestrict(token, run)
  registerTokenChange(token, run)
  registerTokenRotate(token, run)
  registerTokenStatus(token, run)
}

import { registerAdmin } from './admin.ts'
import { registerAudit } from './audit.ts'
import { registerBackup } from './backup.ts'
import type { RegisterCommand } from './command.ts'
import { registerConfig } from './config.ts'
import { registerDemo } from './demo.ts'
import { registerDoctor } from './doctor/doctor.ts'
import { registerEntry } from './entry.ts'
import { registerExplain } from './explain.ts'
import { registerHealthcheck } from './healthcheck.ts'
import { registerKey } from './key.ts'
import { registerRestore } from './restore.ts'
import { registerServe } from './serve.ts'
import { registerTail } from './tail.ts'
import { registerToken } from './token/token.ts'
import { registerExport } from './transfer/export.ts'
import { registerImport } from './transfer/import.ts'
import { registerWhy } from './why.ts'

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly RegisterCommand[] = [
  registerServe,
  registerDemo,
  registerToken,
  registerKey,
  registerAdmin,
  registerAudit,
  registerExplain,
  registerWhy,
  registerTail,
  registerEntry,
  registerConfig,
  registerImport,
  registerExport,
  registerBackup,
  registerRestore,
  registerDoctor,
  registerHealthcheck,
]

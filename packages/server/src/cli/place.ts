import type { Command } from 'commander'
import type { Parsed } from '@keyfence/core'
import type { Config } from '../config/config.ts'
import { readConfig } from '../config/read-config.ts'
import type { ConfigProblem } from '../config/written.ts'
import type { CommandIo } from './command.ts'

/** `anywhere`: through the management API; `folder`: in the data folder itself, on this machine. */
export type Reach = 'anywhere' | 'folder'

/** Adds the options that say where Keyfence is. */
export function addPlaceOptions(command: Command, reach: Reach): Command {
  command
    .optionsGroup('Where Keyfence is:')
    .option('--data <FOLDER>', 'its data folder, on this machine (default: ./data) [KEYFENCE_DATA]')
  if (reach === 'anywhere') {
    command.option(
      '--management-url <URL>',
      'its management listener elsewhere, with the key in KEYFENCE_MANAGEMENT_KEY [KEYFENCE_MANAGEMENT_URL]',
    )
  }
  return command
    .option('--config <FILE>', 'a JSON file of settings [KEYFENCE_CONFIG]')
    .optionsGroup('Options:')
}

interface PlaceOptions {
  readonly data?: string
  readonly managementUrl?: string
  readonly config?: string
}

/**
 * The settings that place options, environment and file make. A data folder that was named on the
 * command line goes before a management URL that was not.
 */
export function placeConfig(
  command: Command,
  { env, readFile }: CommandIo,
): Parsed<Config, readonly ConfigProblem[]> {
  const { data, managementUrl, config: file } = command.opts<PlaceOptions>()
  if (data !== undefined && managementUrl !== undefined) return BOTH_NAMED
  const flags = {
    ...(data === undefined ? {} : { data: [data] }),
    ...(managementUrl === undefined ? {} : { 'management-url': [managementUrl] }),
    ...(file === undefined ? {} : { config: [file] }),
  }
  const read = readConfig({ flags, env, readFile })
  if (!read.ok) return read
  const { config } = read.value
  return { ok: true, value: data === undefined ? config : { ...config, managementUrl: undefined } }
}

const BOTH_NAMED = {
  ok: false,
  problem: [
    {
      code: 'bad_value',
      place: '--data',
      message: 'name either a folder here, or with --management-url a Keyfence elsewhere.',
    },
  ],
} as const

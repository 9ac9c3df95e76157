import type { TokenField } from '@keyfence/core'
import { formatTokenField } from '../../config/token-fields.ts'
import type { Probe } from './probe.ts'

/** One place in which the settings let a request carry its token (spec §6). */
export interface TokenCarrier {
  /** As the settings name it. */
  readonly name: string
  /** The field's name in lower case; `undefined`: it is a parameter. */
  readonly field: string | undefined
  /** What it adds to a request with this token. */
  carry(secret: string): Pick<Probe, 'fields' | 'query'>
}

/** All of them: the fields of `tokenFields`, then the parameter of `tokenQuery`, if there is one. */
export function tokenCarriers(settings: {
  readonly tokenFields: readonly TokenField[]
  readonly tokenQuery: string | undefined
}): readonly TokenCarrier[] {
  const { tokenFields, tokenQuery } = settings
  const fields = tokenFields.map(carrierField)
  return tokenQuery === undefined ? fields : [...fields, carrierParameter(tokenQuery)]
}

function carrierField(field: TokenField): TokenCarrier {
  const { name, scheme } = field
  return {
    name: `the field ${formatTokenField(field)}`,
    field: name,
    carry: (secret) => ({
      fields: { [name]: scheme === undefined ? secret : `${scheme} ${secret}` },
      query: [],
    }),
  }
}

function carrierParameter(name: string): TokenCarrier {
  return {
    name: `the parameter ${name}`,
    field: undefined,
    carry: (secret) => ({ fields: {}, query: [[name, secret]] }),
  }
}

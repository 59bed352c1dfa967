import type { CliInput, CliOption } from '../command.ts'

/** The options that say which file and which repository a release command is about; the same for all, as in the library. */
export const placeOptions: Readonly<Record<'dir' | 'file', CliOption>> = {
  dir: {
    type: 'string',
    value: 'DIR',
    summary: 'where the file is and the search for git starts, default: the working directory',
  },
  file: { type: 'string', value: 'FILE', summary: 'the file, from DIR or absolute, default: version.txt' },
}

/** Reads {@link placeOptions} as the library's own options. */
export function readPlace({ options }: CliInput): { directory: string | undefined; file: string | undefined } {
  return { directory: text(options['dir']), file: text(options['file']) }
}

function text(value: CliInput['options'][string]): string | undefined {
  return typeof value === 'string' ? value : undefined
}

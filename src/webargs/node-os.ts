/** Where the system keeps temporary files; looked up on first use, as {@link nodeFs}. */
export function temporaryDirectory(): string {
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }
  const os = process?.getBuiltinModule?.('node:os') as { tmpdir(): string } | undefined
  if (os === undefined) throw new TypeError('This runtime has no `node:os`; set `uploads.directory`.')
  return os.tmpdir()
}

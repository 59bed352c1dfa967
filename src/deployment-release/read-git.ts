import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ReleaseError } from './errors.ts'
import { lookUpward, readText } from './read-text.ts'

/*
 * Reads the current commit from git's own files, because a built image seldom has the git program:
 *
 *   .git               a directory; in a worktree or submodule a file `gitdir: <path of that directory>`
 *   <gitdir>/HEAD      `ref: refs/heads/main`, or a commit when no branch is checked out
 *   <gitdir>/commondir in a worktree: where the refs are that all worktrees share
 *   <ref>              the commit, or `ref: ...` again
 *   packed-refs        lines `<commit> <ref>`, for refs without a file of their own
 */

const commit = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/
const maxDepth = 5 // as git: a ref may point to a ref, but not for ever

/**
 * Reads the commit that is checked out in a directory or above it.
 *
 * @returns undefined when there is no repository, when its branch has no commit yet, and when it keeps its refs in
 * another form than files
 * @throws ReleaseError `ERR_RELEASE_UNREADABLE`
 */
export function readGit(directory: string): string | undefined {
  const gitDirectory = lookUpward(directory, findGitDirectory)
  if (gitDirectory === undefined) return undefined
  const common = readText(join(gitDirectory, 'commondir'))?.trim()
  const directories = [gitDirectory, ...(common === undefined ? [] : [resolve(gitDirectory, common)])]
  return readRef('HEAD', directories, 0)
}

function findGitDirectory(directory: string): string | undefined {
  const path = join(directory, '.git')
  if (readText(join(path, 'HEAD')) !== undefined) return path
  const pointer = isDirectory(path) ? undefined : readText(path)
  if (pointer === undefined) return undefined
  const target = /^gitdir: (.+?)\s*$/.exec(pointer)?.[1]
  if (target === undefined) throw new ReleaseError('ERR_RELEASE_UNREADABLE', path, 'expected `gitdir: <path>`')
  return resolve(directory, target)
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function readRef(ref: string, directories: readonly string[], depth: number): string | undefined {
  for (const directory of directories) {
    const path = join(directory, ref)
    const text = readText(path)?.trim()
    if (text === undefined) continue
    if (commit.test(text)) return text
    const next = /^ref: (refs\/\S+)$/.exec(text)?.[1]
    if (next === undefined || next.split('/').includes('..') || depth === maxDepth) {
      throw new ReleaseError('ERR_RELEASE_UNREADABLE', path, 'expected a commit or `ref: refs/...`')
    }
    return readRef(next, directories, depth + 1)
  }
  return readPackedRef(ref, directories)
}

function readPackedRef(ref: string, directories: readonly string[]): string | undefined {
  for (const directory of directories) {
    for (const line of readText(join(directory, 'packed-refs'))?.split('\n') ?? []) {
      const [id = '', name] = line.trim().split(' ')
      if (name === ref && commit.test(id)) return id
    }
  }
  return undefined
}

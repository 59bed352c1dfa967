export declare function pack(
  project: string,
  destination: string,
): { readonly tarball: string; readonly files: readonly string[] }

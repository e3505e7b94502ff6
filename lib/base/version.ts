import { readFileSync } from 'node:fs';

/** The package's version, from its manifest: two folders up, three from the compiled file. */
export function packageVersion(): string {
  const up = import.meta.url.endsWith('.ts') ? '../../package.json' : '../../../package.json';
  const manifest: unknown = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '?';
}

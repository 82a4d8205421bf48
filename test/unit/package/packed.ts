/** What `npm pack` makes, unpacked as npm would install it, without the network. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../../support/build.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly homepage: string;
  readonly repository: { readonly url: string };
  readonly bugs: { readonly url: string };
  readonly publishConfig: { readonly provenance: boolean };
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A project of its own that has installed the package. */
export class PackedPackage {
  readonly folder: string;
  readonly tarball: string;
  /** Paths within the package. */
  readonly files: readonly string[];
  readonly manifest: Manifest;

  private constructor(folder: string, tarball: string, files: readonly string[]) {
    this.folder = folder;
    this.tarball = tarball;
    this.files = files;
    this.manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    this.#install();
  }

  static async install(): Promise<PackedPackage> {
    await ensureBuilt();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-pack-'));
    // Without scripts: one that cleans and builds would pull dist away from tests beside this one.
    const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error'];
    const pack = [...args, '--pack-destination', folder];
    const [packed] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }));
    const files = packed.files.map((file: { readonly path: string }) => file.path);
    return new PackedPackage(folder, path.join(folder, packed.filename), files);
  }

  /** The file of the command `relyt`. */
  get command(): string {
    return path.join(this.root, this.manifest.bin.relyt ?? '');
  }

  read(file: string): string {
    return readFileSync(path.join(this.root, file), 'utf8');
  }

  /** Runs Node in the project. @returns what it prints. */
  node(...args: readonly string[]): string {
    const env = { ...process.env, NODE_OPTIONS: '' };
    const options = { cwd: this.folder, encoding: 'utf8', env } as const;
    return execFileSync(process.execPath, args, options).trim();
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.folder, file), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The folder of the package. */
  get root(): string {
    return path.join(this.folder, 'node_modules', this.manifest.name);
  }

  /** Its dependencies, and no other package, are taken from this checkout. */
  #install(): void {
    mkdirSync(this.root, { recursive: true });
    execFileSync('tar', ['-xzf', this.tarball, '--strip-components=1', '-C', this.root]);
    for (const name of Object.keys(this.manifest.dependencies)) {
      const place = path.join(this.folder, 'node_modules', name);
      mkdirSync(path.dirname(place), { recursive: true });
      symlinkSync(path.join(ROOT, 'node_modules', name), place);
    }
  }
}

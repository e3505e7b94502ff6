import { lstatSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';

/** A symbolic link that points to a device as long as the device is there, as udev makes them. */
export class Link {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Puts the link in place at once, over one that is there. Throws where something that is no link is in the way. */
  point(device: string): void {
    const there = lstatSync(this.#path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isSymbolicLink()) {
      throw new Error(`${this.#path} is there and is no symbolic link`);
    }
    const next = `${this.#path}.new`;
    if (lstatSync(next, { throwIfNoEntry: false })?.isSymbolicLink() === true) unlinkSync(next);
    symlinkSync(device, next);
    renameSync(next, this.#path);
  }

  /** Takes the link away where it still points to this device. */
  remove(device: string): void {
    const there = lstatSync(this.#path, { throwIfNoEntry: false });
    if (there?.isSymbolicLink() === true && readlinkSync(this.#path) === device) unlinkSync(this.#path);
  }
}

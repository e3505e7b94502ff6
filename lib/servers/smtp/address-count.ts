/** How many there are of something from each address. One without an address is not counted. */
export class AddressCount {
  readonly #counts = new Map<string, number>();

  of(address: string | undefined): number {
    return address === undefined ? 0 : (this.#counts.get(address) ?? 0);
  }

  enter(address: string | undefined): void {
    if (address !== undefined) this.#counts.set(address, this.of(address) + 1);
  }

  leave(address: string | undefined): void {
    if (address === undefined) return;
    const left = this.of(address) - 1;
    if (left > 0) this.#counts.set(address, left);
    else this.#counts.delete(address);
  }
}

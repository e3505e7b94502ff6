import { type PasswordBackend, PartlyUnavailable } from '../accounts/backend.ts';
import { type Fault, asFault } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import { isAskable, isBearerToken, plainName } from './names.ts';

/**
 * Several backends in a row: the first that proves the user decides. One that can't say is passed over; but where none
 * proves the user and one could not say, nobody knows, and the answer is temporary.
 */
export class BackendChain implements PasswordBackend {
  readonly name: string;
  readonly verifyToken?: (user: string, token: Secret) => Promise<string | undefined>;
  readonly #backends: readonly PasswordBackend[];
  readonly #log: Log;
  readonly #down = new Set<PasswordBackend>();

  constructor(backends: readonly PasswordBackend[], deps: { log: Log }) {
    this.name = backends.map(({ name }) => name).join(', ');
    this.#backends = backends;
    this.#log = deps.log;
    if (backends.some((backend) => 'verifyToken' in backend)) {
      this.verifyToken = async (user, token) =>
        isBearerToken(token.open())
          ? this.#first(user, (backend, name) => backend.verifyToken?.(name, token))
          : undefined;
    }
  }

  async verify(user: string, password: Secret): Promise<string | undefined> {
    if (!isAskable(password.open())) return undefined;
    return this.#first(user, (backend, name) =>
      backend.tokensOnly === true ? undefined : backend.verify(name, password),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => backend.close()));
  }

  async #first(
    user: string,
    ask: (backend: PasswordBackend, name: string) => Promise<string | undefined> | undefined,
  ): Promise<string | undefined> {
    const name = plainName(user);
    if (name === undefined) return undefined;
    let failure: Fault | undefined;
    let refused = false;
    for (const backend of this.#backends) {
      try {
        const answer = ask(backend, name);
        if (answer === undefined) continue;
        const proven = await answer;
        if (this.#down.delete(backend))
          this.#log.info({ backend: backend.name }, 'passwords are checked again');
        if (proven !== undefined) return proven;
        refused = true;
      } catch (error) {
        const fault = asFault(error);
        this.#tellOnce(backend, fault);
        failure ??= fault;
      }
    }
    if (failure !== undefined) throw refused ? new PartlyUnavailable(failure) : failure;
    return undefined;
  }

  #tellOnce(backend: PasswordBackend, fault: Fault): void {
    if (this.#down.has(backend)) return;
    this.#down.add(backend);
    this.#log.warn({ backend: backend.name, error: fault.message }, "passwords can't be checked");
  }
}

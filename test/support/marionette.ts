import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { until } from './product.ts';

/** How long an answer may take. */
const PATIENCE_MS = 30_000;

/**
 * Mozilla's remote protocol, as Thunderbird speaks it with `--marionette`: JSON in both directions, each behind its length
 * and a colon; a command is `[0, id, name, parameters]`, its answer `[1, id, error, result]`.
 */
export class Marionette {
  readonly #socket: Socket;
  #input = Buffer.alloc(0);
  #id = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (octets: Buffer) => (this.#input = Buffer.concat([this.#input, octets])));
    socket.on('error', () => undefined);
  }

  /** Connects once the port is open, and works on the program's own windows, not on pages. */
  static async connect(port: number): Promise<Marionette> {
    const socket = await until('the port of Marionette', async () => {
      const attempt = connect(port, '127.0.0.1');
      const connected = await once(attempt, 'connect').then(
        () => true,
        () => false,
      );
      return connected ? attempt : undefined;
    });
    const marionette = new Marionette(socket);
    await marionette.#read();
    await marionette.command('WebDriver:NewSession', { capabilities: {} });
    await marionette.command('Marionette:SetContext', { value: 'chrome' });
    await marionette.command('WebDriver:SetTimeouts', { script: PATIENCE_MS });
    return marionette;
  }

  /** Sends a command and resolves with its result; throws what it was answered as an error. */
  async command(name: string, parameters: object): Promise<unknown> {
    const command = Buffer.from(JSON.stringify([0, ++this.#id, name, parameters]));
    this.#socket.write(`${command.length}:`);
    this.#socket.write(command);
    const [, , error, result] = (await this.#read()) as [number, number, object | null, unknown];
    if (error !== null) throw new Error(`${name}: ${JSON.stringify(error)}`);
    return result;
  }

  /** Runs the body of an asynchronous function, which finds `args` in `args`, and resolves with what it returns. */
  async script(body: string, ...args: readonly unknown[]): Promise<unknown> {
    const script = `const args = [...arguments]; const done = args.pop();
(async () => {${body}})().then((value) => done({ value }), (error) => done({ error: String(error) + error.stack }));`;
    const result = await this.command('WebDriver:ExecuteAsyncScript', { script, args, sandbox: 'system' });
    const { value } = result as { value: { value?: unknown; error?: string } };
    if (value.error !== undefined) throw new Error(value.error);
    return value.value;
  }

  /** The window as PNG. */
  async screenshot(): Promise<Buffer> {
    const result = await this.command('WebDriver:TakeScreenshot', { full: false });
    return Buffer.from((result as { value: string }).value, 'base64');
  }

  close(): void {
    this.#socket.destroy();
  }

  async #read(): Promise<unknown> {
    return until('an answer of Marionette', () => {
      const colon = this.#input.indexOf(0x3a);
      if (colon === -1) return undefined;
      const end = colon + 1 + Number(this.#input.subarray(0, colon).toString());
      if (this.#input.length < end) return undefined;
      const message: unknown = JSON.parse(this.#input.subarray(colon + 1, end).toString('utf8'));
      this.#input = this.#input.subarray(end);
      return message;
    });
  }
}

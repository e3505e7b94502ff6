import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, until, type Finished } from './product.ts';

/** Everybody on it may own every name and call everything: nobody else is there. */
const CONFIG = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=DIR</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** A message bus of its own for a test, and the programs that live on it. */
export class Bus {
  readonly dir = mkdtempSync(join(tmpdir(), 'mailsms-bus-'));
  readonly #children: ChildProcess[] = [];
  #address = '';

  async start(): Promise<this> {
    const config = join(this.dir, 'bus.conf');
    writeFileSync(config, CONFIG.replace('DIR', this.dir));
    const output = this.#spawn(
      'dbus-daemon',
      [`--config-file=${config}`, '--nofork', '--print-address=1'],
      {},
    );
    this.#address = await until('the bus', () => /^unix:.*(?=\n)/m.exec(output())?.[0]);
    return this;
  }

  /** Starts a program that takes this bus for the system's and the session's; returns what gives its output so far. */
  spawn(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): () => string {
    const address = this.#address;
    return this.#spawn(program, args, {
      ...env,
      DBUS_SYSTEM_BUS_ADDRESS: address,
      DBUS_SESSION_BUS_ADDRESS: address,
    });
  }

  /** Runs a program that takes this bus for the system's to its end. */
  run(program: string, args: readonly string[]): Promise<Finished> {
    return run('env', [`DBUS_SYSTEM_BUS_ADDRESS=${this.#address}`, program, ...args]);
  }

  /** Calls a method; the reply as dbus-send prints it. Rejects with the error that came in its place. */
  async call(destination: string, path: string, method: string, ...args: readonly string[]): Promise<string> {
    const options = [`--bus=${this.#address}`, '--print-reply', `--dest=${destination}`];
    const { code, stdout, stderr } = await run('dbus-send', [...options, path, method, ...args]);
    if (code !== 0) throw new Error(`${method}: ${stderr.trim()}`);
    return stdout;
  }

  /** Signals of an interface from now on, as dbus-monitor prints them. */
  async monitor(iface: string): Promise<() => string> {
    const output = this.#spawn(
      'dbus-monitor',
      ['--address', this.#address, `type='signal',interface='${iface}'`],
      {},
    );
    // It loses its name when it has become a monitor.
    await until('the monitor', () => output().includes('NameLost') || undefined);
    return output;
  }

  /** Ends the programs, the bus last. */
  async end(): Promise<void> {
    for (const child of this.#children.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }

  #spawn(program: string, args: readonly string[], env: NodeJS.ProcessEnv): () => string {
    const child = spawn(program, [...args], {
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin`, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let output = '';
    child.stdout.on('data', (octets: Buffer) => (output += octets.toString()));
    child.stderr.on('data', (octets: Buffer) => (output += octets.toString()));
    child.on('error', (error) => (output += error.message));
    return () => output;
  }
}

import type { EmulatedModem } from './modem.ts';
import { parseAction, parseScript, type Action } from './script.ts';

/** A modem that is being emulated, with the line that it is on. */
export interface Emulation {
  readonly modem: EmulatedModem;
  /** Takes the line away; `replug` brings it back. */
  unplug(): Promise<void> | void;
  replug(): Promise<void> | void;
}

export const CONSOLE_HELP =
  '+NUMBER TEXT | report N [STATUS] | unplug | replug | ! ACTION | < TEXT | set NAME VALUE | > COMMAND, its lines, an empty line';

/**
 * What a person says to a running emulation, a line each: faults on demand, texts from phones, the network's word on what was sent.
 *
 * Lines that begin with `<` or `!` are done at once, as in a script; below a `> COMMAND` they say what the modem does when
 * that command comes, until an empty line ends it.
 */
export class EmulatorConsole {
  readonly #emulation: Emulation;
  /** A rule that is being said. */
  #rule: string[] | undefined;

  constructor(emulation: Emulation) {
    this.#emulation = emulation;
  }

  /** Does what the line says. Rejects with an error that says what is wrong with it. */
  async obey(line: string): Promise<void> {
    const { modem } = this.#emulation;
    const said = line.trim();
    if (said.startsWith('>')) {
      this.#endRule();
      this.#rule = [said];
    } else if (said === '') {
      this.#endRule();
    } else if (/^(?:<<?|!) /.test(said)) {
      const action = parseAction(said);
      if (action === undefined) throw new Error(`not understood: ${said}`);
      if (this.#rule !== undefined) this.#rule.push(said);
      else await this.#perform(action);
    } else {
      this.#endRule();
      const [word = '', ...rest] = said.split(' ');
      if (/^\+?\d+$/.test(word)) modem.injectText(word, rest.join(' '));
      else if (word === 'set' && rest.length > 1) modem.set(rest[0] ?? '', rest.slice(1).join(' '));
      else if (word === 'report') this.#report(rest);
      else if (said === 'unplug') await this.#emulation.unplug();
      else if (said === 'replug') await this.#emulation.replug();
      else throw new Error(`not understood: ${said} (${CONSOLE_HELP})`);
    }
  }

  async #perform(action: Action): Promise<void> {
    if (action.kind === 'unplug') await this.#emulation.unplug();
    else await this.#emulation.modem.perform([action]);
  }

  #endRule(): void {
    if (this.#rule !== undefined) this.#emulation.modem.rule(parseScript(this.#rule.join('\n')).rules);
    this.#rule = undefined;
  }

  #report([which = '', status = '0']: readonly string[]): void {
    const { modem } = this.#emulation;
    const sms = modem.sent[Number(which) - 1];
    if (sms === undefined) throw new Error(`there is no SMS ${which}; ${modem.sent.length} were sent`);
    if (!/^\d{1,3}$/.test(status) || Number(status) > 255)
      throw new Error(`${status} is no status, 0 to 255`);
    modem.injectReport(sms, Number(status));
  }
}

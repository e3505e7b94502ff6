import type { Channel } from './at/channel.ts';
import type { Dialogue } from './at/dialogue.ts';
import { ChannelError } from './at/result.ts';

/**
 * What a modem answers to questions about its settings when it has just been brought up. The same questions, asked again, tell
 * whether it still has them: one that has restarted unnoticed (a dip of its supply), or that another program has set to text mode, has not.
 *
 * A question that the modem does not answer is not asked again; where none is left that is vital, `tells` is false.
 */
export class Agreement {
  readonly #terms: readonly Term[];
  /** What was not as it must be right after it was set. */
  readonly contradicted: string | undefined;

  private constructor(terms: readonly Term[], contradicted: string | undefined) {
    this.#terms = terms;
    this.contradicted = contradicted;
  }

  static async take(dialogue: Dialogue, questions: readonly Question[]): Promise<Agreement> {
    const terms: Term[] = [];
    let contradicted: string | undefined;
    for (const { question, expected, untold, vital = false } of questions) {
      const answer = readAnswer(question, (await dialogue.optional(question)) ?? []);
      if (answer === undefined) continue;
      const right = expected === undefined ? answer !== untold : answer === expected;
      if (right) terms.push({ question, answer, vital });
      else contradicted ??= `${question} is answered by ${answer}`;
    }
    return new Agreement(terms, contradicted);
  }

  /** How a question was answered; undefined where it was not, or wrongly. */
  answerTo(question: string): string | undefined {
    return this.#terms.find((term) => term.question === question)?.answer;
  }

  /** Whether it can be known in which mode the modem is. */
  get tells(): boolean {
    return this.#terms.some(({ vital }) => vital);
  }

  /**
   * What is not as it was agreed, in words; undefined where everything is. `vital`: only that is asked on which the next
   * message depends. A refusal is no answer. Rejects with ChannelError where the modem says nothing.
   */
  async broken(channel: Channel, vital = false): Promise<string | undefined> {
    for (const term of this.#terms) {
      if (vital && !term.vital) continue;
      const answer = readAnswer(term.question, await ask(channel, term.question));
      if (answer !== undefined && answer !== term.answer) {
        return `${term.question} is answered by ${answer}, not by ${term.answer}`;
      }
    }
    return undefined;
  }
}

/** A question about what a modem was told. */
export interface Question {
  readonly question: string;
  /** What it must answer; where nothing is said, what it answers when it has just been brought up. */
  readonly expected?: string;
  /** What it answers when it was told nothing. */
  readonly untold?: string;
  /** On this depends how a message is read that is handed to the modem. */
  readonly vital?: boolean;
}

interface Term {
  readonly question: string;
  readonly answer: string;
  readonly vital: boolean;
}

async function ask(channel: Channel, question: string): Promise<string[]> {
  try {
    return await channel.command(question);
  } catch (error) {
    if (error instanceof ChannelError && error.kind === 'refused') return [];
    throw error;
  }
}

/** `+CMGF: 0` as `0`: what follows the name of what was asked, blanks left out. */
function readAnswer(question: string, lines: readonly string[]): string | undefined {
  const name = `${question.slice(2, -1)}:`.toUpperCase();
  const line = lines.find((each) => each.toUpperCase().startsWith(name));
  return line?.slice(name.length).replace(/\s+/g, '');
}

/**
 * How long a regular expression may take, told from its source: at most `weight * n ** degree` steps of backtracking for a
 * text of n characters.
 *
 * Each unbounded quantifier over something without choices adds a degree, each alternative and each bounded choice
 * multiplies the weight. An unbounded quantifier over something that has choices itself, `(a+)+` or `(a|b)*`, can be exponential:
 * its degree is infinite. The estimate is from above: a pattern that is called slow may be quick, never the other
 * way round. It reads what V8 has accepted before; what it does not understand it calls infinite.
 */
export interface Cost {
  /** Natural logarithm of the weight. */
  readonly weight: number;
  readonly degree: number;
  /**
   * Optional parts that V8 unrolls. Compiling takes time exponential to their number where they overlap (`a?a?a?aaa`), and cannot
   * be interrupted.
   */
  readonly optionals: number;
}

type Work = Omit<Cost, 'optionals'>;

/** Natural logarithm of the most steps for a text of `length` characters. */
export function steps(cost: Work, length: number): number {
  return cost.degree === Infinity ? Infinity : cost.weight + cost.degree * Math.log(length + 1);
}

const FREE: Work = { weight: 0, degree: 0 };
const ENDLESS: Work = { weight: 0, degree: Infinity };

/** V8 writes out a loop of no more rounds than this. */
const UNROLLED = 3;

/** @param source a pattern that is valid in JavaScript */
export function regexCost(source: string): Cost {
  const reader = new Reader(source);
  const cost = reader.alternatives();
  const { optionals } = reader;
  if (!reader.done) return { ...ENDLESS, optionals };
  // Without an anchor it is tried from every position.
  const anchored = source.startsWith('^') && reader.topLevelBars === 0;
  return { weight: cost.weight, degree: cost.degree + (anchored ? 0 : 1), optionals };
}

class Reader {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  topLevelBars = 0;
  optionals = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get done(): boolean {
    return this.#at >= this.#source.length;
  }

  alternatives(): Work {
    let count = 1;
    let worst = this.#sequence();
    while (this.#source[this.#at] === '|') {
      if (this.#depth === 0) this.topLevelBars += 1;
      this.#at += 1;
      count += 1;
      const next = this.#sequence();
      worst = {
        weight: Math.max(worst.weight, next.weight),
        degree: Math.max(worst.degree, next.degree),
      };
    }
    return { weight: worst.weight + Math.log(count), degree: worst.degree };
  }

  #sequence(): Work {
    let weight = 0;
    let degree = 0;
    while (!this.done && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') {
      const before = this.optionals;
      const cost = this.#quantified(this.#atom(), before);
      weight += cost.weight;
      degree += cost.degree;
    }
    return { weight, degree };
  }

  #atom(): Work {
    const character = this.#source[this.#at];
    if (character === '(') return this.#group();
    if (character === '[') return this.#class();
    if (character === '\\') return this.#escape();
    this.#at += 1;
    return FREE;
  }

  #group(): Work {
    const opening = /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?/.exec(this.#source.slice(this.#at, this.#at + 200));
    this.#at += opening?.[0].length ?? 1;
    this.#depth += 1;
    const cost = this.alternatives();
    this.#depth -= 1;
    if (this.#source[this.#at] !== ')') return ENDLESS;
    this.#at += 1;
    return cost;
  }

  #class(): Work {
    while (!this.done && this.#source[this.#at] !== ']') {
      this.#at += this.#source[this.#at] === '\\' ? 2 : 1;
    }
    this.#at += 1;
    return FREE;
  }

  #escape(): Work {
    const rest = this.#source.slice(this.#at, this.#at + 80);
    const reference = /^\\(?:[1-9]\d*|k<[^>]*>)/.exec(rest);
    const length =
      /^\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|.)/s.exec(rest)?.[0].length ?? 1;
    this.#at += reference?.[0].length ?? length;
    // Comparing with what a group caught takes as long as that is.
    return reference === null ? FREE : { weight: 0, degree: 1 };
  }

  #quantified(atom: Work, before: number): Work {
    const match = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at, this.#at + 40));
    if (match === null) return atom;
    this.#at += match[0].length;
    const [, sign, least = '', comma, most = ''] = match;
    const from = sign === undefined ? Number(least) : sign === '+' ? 1 : 0;
    const to =
      sign === '?'
        ? 1
        : sign !== undefined || (comma === ',' && most === '')
          ? Infinity
          : Number(most || least);
    if (to <= UNROLLED) this.optionals += (this.optionals - before) * (to - 1) + (to - from);
    const plain = atom.weight === 0 && atom.degree === 0;
    if (to === Infinity) return plain ? { weight: 0, degree: 1 } : ENDLESS;
    const choices = Math.log(Math.max(1, to - from + 1));
    if (plain) return { weight: choices + Math.log(Math.max(1, to)), degree: 0 };
    return { weight: choices + to * atom.weight, degree: to * atom.degree };
  }
}

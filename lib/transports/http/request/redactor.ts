import { percentEncoded } from '../template/places.ts';

/**
 * Takes a gateway's secrets out of texts, in whatever form a provider may echo them: as they are, escaped for a URL, a form, JSON or
 * XML, or as Basic credentials. What it is given last it knows at once (tokens that are fetched).
 */
export class Redactor {
  readonly #own: readonly string[];
  #fetched: readonly string[] = [];
  #forms: readonly RegExp[] = [];

  constructor(secrets: Iterable<string> = []) {
    this.#own = [...secrets].filter((secret) => secret !== '');
    this.#build();
  }

  /** Another token that was fetched. Those before the last few are of no use to anybody any more. */
  add(token: string): void {
    this.#fetched = [token, ...this.#fetched].slice(0, MOST_FETCHED);
    this.#build();
  }

  /** The text with `***` in place of each secret. */
  clean(text: string): string {
    return this.#forms.reduce((left, form) => left.replace(form, '***'), text);
  }

  #build(): void {
    const forms = new Set([...this.#own, ...this.#fetched].flatMap(formsOf));
    // The longest first: one secret may be the beginning of another.
    this.#forms = [...forms].sort((a, b) => b.length - a.length).map(patternOf);
  }
}

const MOST_FETCHED = 4;

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const encoded = percentEncoded(secret);
  return [
    secret,
    encoded,
    encoded.replaceAll('%20', '+'),
    encoded.toLowerCase(),
    encodeURIComponent(secret.replace(/\p{Surrogate}/gu, '\ufffd')),
    json,
    json.replaceAll('/', '\\/'),
    secret
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
  ];
}

/** Short ones only where they stand alone: `t` as a password must not take the letter out of every word. */
function patternOf(form: string): RegExp {
  const literal = form.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return form.length >= 4
    ? new RegExp(literal, 'g')
    : new RegExp(`(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`, 'g');
}

/**
 * The language of gateway templates: text with tokens such as `%number;interprefix=00%`.
 *
 * A token is `%`, a name that is known, attributes that each begin with `;`, and `%`. Everything else is literal, a bare `%`
 * too, so that `%20` stays what it is. Names mind no case. `;value=` is the last attribute of a token: it takes all up to
 * the closing `%`.
 */
export interface Token {
  /** In lower case; of a preset's setting `settings.` and its name as it is written. */
  readonly name: string;
  /** Where one of them fails nothing is written at all. */
  readonly conditions: readonly Condition[];
  readonly unicode: boolean;
  readonly len: boolean;
  /** How octets are shown; absent: as their kind is by default. */
  readonly show?: 'raw' | 'b64' | 'hex';
  readonly charset?: string;
  /** What stands in place of a leading `+`. */
  readonly interprefix?: string;
  /** Written behind the variable's own value, as it is. */
  readonly value?: string;
  /** The token as it is written. */
  readonly source: string;
}

export type Condition = 'isascii' | 'isunicode' | 'isbinary' | 'istext' | 'isflash';

export type Template = readonly (string | Token)[];

export const CONDITIONS: ReadonlySet<string> = new Set<Condition>([
  'isascii',
  'isunicode',
  'isbinary',
  'istext',
  'isflash',
]);

const PLAIN_ATTRIBUTES = ['unicode', 'len', 'hex', 'b64', 'raw'] as const;
const VALUED_ATTRIBUTES = ['charset', 'interprefix', 'value'] as const;

export const ATTRIBUTES: readonly string[] = [...CONDITIONS, ...PLAIN_ATTRIBUTES, ...VALUED_ATTRIBUTES];

const TOKEN = /%(settings\.[A-Za-z0-9]+|[a-z_]+)((?:;[^%]*)?)%/giy;

export interface ParsedTemplate {
  readonly template: Template;
  /** Attributes that nobody knows, with the token they stand in: such a token is left as it is written. */
  readonly unknown: readonly { readonly attribute: string; readonly token: string }[];
}

/** Divides a text into literals and tokens. `charset` is for tokens that name none. */
export function parseTemplate(text: string, names: ReadonlySet<string>, charset?: string): ParsedTemplate {
  const pieces: (string | Token)[] = [];
  const unknown: { attribute: string; token: string }[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    const percent = text.indexOf('%', at);
    if (percent < 0) break;
    literal += text.slice(at, percent);
    const found = tokenAt(text, percent, names, charset);
    if (found === undefined || 'attribute' in found) {
      if (found !== undefined) unknown.push(found);
      literal += '%';
      at = percent + 1;
      continue;
    }
    if (literal !== '') pieces.push(literal);
    literal = '';
    pieces.push(found);
    at = percent + found.source.length;
  }
  literal += text.slice(at);
  if (literal !== '') pieces.push(literal);
  return { template: pieces, unknown };
}

function tokenAt(
  text: string,
  at: number,
  names: ReadonlySet<string>,
  charset: string | undefined,
): Token | { attribute: string; token: string } | undefined {
  TOKEN.lastIndex = at;
  const match = TOKEN.exec(text);
  const [source = '', written = '', tail = ''] = match ?? [];
  const name = written.startsWith('settings.') ? written : written.toLowerCase();
  if (match === null || !names.has(name)) return undefined;
  const [, attributes = '', value] = /^(.*?)(?:;value=(.*))?$/is.exec(tail) ?? [];
  const conditions = new Set<string>();
  const plain = new Set<string>();
  const valued = new Map<string, string>();
  for (const attribute of attributes.split(';').slice(1)) {
    const [, key = '', , given] = /^([^=]*)(=(.*))?$/s.exec(attribute) ?? [];
    const word = key.toLowerCase();
    if (given === undefined && CONDITIONS.has(word)) conditions.add(word);
    else if (given === undefined && PLAIN_ATTRIBUTES.some((each) => each === word)) plain.add(word);
    else if (given !== undefined && VALUED_ATTRIBUTES.some((each) => each === word)) valued.set(word, given);
    else return { attribute, token: source };
  }
  const show = (['raw', 'b64', 'hex'] as const).find((each) => plain.has(each));
  const own = valued.get('charset') ?? (plain.has('unicode') ? undefined : charset);
  const interprefix = valued.get('interprefix');
  return {
    name,
    conditions: [...conditions] as Condition[],
    unicode: plain.has('unicode'),
    len: plain.has('len'),
    ...(show === undefined ? {} : { show }),
    ...(own === undefined ? {} : { charset: own }),
    ...(interprefix === undefined ? {} : { interprefix }),
    ...(value === undefined ? {} : { value }),
    source,
  };
}

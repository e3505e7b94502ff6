import iconv from 'iconv-lite';
import { suggestion } from '../../../settings/suggestion.ts';
import { ATTRIBUTES, type Token, parseTemplate } from './token.ts';

/** What is wrong with a template, in plain words: found when the configuration is read, not with the first message. */
export interface TemplateProblem {
  readonly message: string;
  readonly hint?: string;
}

/** Where a template stands: in a URL anything between percent signs is meant as a variable or as an escape. */
export type TemplatePlace = 'url' | 'pair' | 'text';

/** Problems of one template by itself. @param names the variables that it may use */
export function checkTemplate(
  text: string,
  names: ReadonlySet<string>,
  place: TemplatePlace,
): TemplateProblem[] {
  const { template, unknown } = parseTemplate(text, names);
  const literals = template.filter((piece) => typeof piece === 'string');
  const tokens = template.filter((piece) => typeof piece !== 'string');
  return [
    ...unknown.map(({ attribute, token }) => unknownAttribute(attribute, token)),
    ...literals.flatMap((literal) => halfTokens(literal, names, place)),
    ...tokens.flatMap((token) => wrongToken(token, place)),
  ];
}

/** Problems of a request as a whole, which lies in several templates. */
export function checkRequired(texts: readonly string[], names: ReadonlySet<string>): TemplateProblem[] {
  const used = new Set(
    texts.flatMap((text) =>
      parseTemplate(text, names).template.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.name])),
    ),
  );
  const problems: TemplateProblem[] = [];
  if (!used.has('number'))
    problems.push({ message: 'has no %number%', hint: 'it must say which number the message goes to' });
  if (!used.has('data') && !used.has('body'))
    problems.push({ message: 'has no %data%', hint: 'it must say what the message is' });
  return problems;
}

function unknownAttribute(attribute: string, token: string): TemplateProblem {
  const [word = ''] = attribute.split('=');
  const near = suggestion(word, ATTRIBUTES);
  const hint = near === undefined ? `there are ${ATTRIBUTES.join(', ')}` : `did you mean ";${near}"?`;
  return { message: `${token} has an attribute ";${word}" that is none`, hint };
}

/** Names of variables that lack one of their percent signs, and names that no variable has. */
function halfTokens(literal: string, names: ReadonlySet<string>, place: TemplatePlace): TemplateProblem[] {
  const problems: TemplateProblem[] = [];
  for (const match of literal.matchAll(/%(settings\.\w+|[a-z_]{2,})([;%]?)/gi)) {
    const [, name = '', end = ''] = match;
    if (names.has(name.toLowerCase()) || names.has(name)) {
      // With `;` it may be closed: then its attributes are what is wrong.
      if (end === '' || (end === ';' && !literal.includes('%', match.index + 1)))
        problems.push({ message: `%${name} has no closing %`, hint: `write %${name}%` });
    } else if (end !== '') {
      const near = suggestion(name, [...names]);
      const mayBeEscape = /^[0-9a-f]{2}/i.test(name);
      if (near === undefined && (place !== 'url' || mayBeEscape)) continue;
      const hint = near === undefined ? `there are ${[...names].join(', ')}` : `did you mean %${near}%?`;
      problems.push({ message: `there is no variable %${name}%`, hint });
    }
  }
  for (const [, name = ''] of literal.matchAll(/([a-z_]+)%(?![0-9a-f]{2})/gi)) {
    const known = [...names].find((each) => name.toLowerCase().endsWith(each) && each.length > 2);
    if (known === undefined || literal.includes(`%${name}%`)) continue;
    problems.push({ message: `${name}% has no opening %`, hint: `write %${known}%` });
  }
  return problems;
}

function wrongToken(
  { source, name, charset, unicode, show }: Token,
  place: TemplatePlace,
): TemplateProblem[] {
  const problems: TemplateProblem[] = [];
  if (charset !== undefined && !isCharset(charset))
    problems.push({ message: `${source}: the charset ${charset} is not known` });
  if (charset !== undefined && unicode)
    problems.push({ message: `${source}: ;unicode and ;charset= exclude each other` });
  if (place === 'text' && (show === 'raw' || (charset !== undefined && show === undefined)))
    problems.push({ message: `${source}: octets can only stand in a URL or a form` });
  if (place !== 'url' && name === 'value')
    problems.push({ message: `${source} can only stand in a URL`, hint: 'it adds parameters to one' });
  return problems;
}

function isCharset(name: string): boolean {
  return iconv.encodingExists(name);
}

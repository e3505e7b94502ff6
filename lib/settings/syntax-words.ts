import type { YAMLError } from 'yaml';
import type { Finding } from './finding.ts';

type Words = Pick<Finding, 'message' | 'hint'>;

/** An error of syntax in plainer words than the parser's, where there are such. */
export function syntaxWords({ code, message }: YAMLError): Words {
  if (code === 'BAD_INDENT' && message.startsWith('Flow ')) {
    return { message: 'a { or [ above is not closed', hint: 'or this line needs more indentation' };
  }
  if (code === 'MISSING_CHAR') {
    if (message.includes('quote')) return { message: 'a quote is opened above or here and not closed' };
    if (message.startsWith('Implicit'))
      return { message: 'a colon is missing', hint: 'write "name: value", with a space' };
  }
  return WORDS[code] ?? { message: `${message.charAt(0).toLowerCase()}${message.slice(1)}` };
}

const WORDS: Readonly<Partial<Record<YAMLError['code'], Words>>> = {
  BAD_SCALAR_START: {
    message: 'a value cannot begin with this character',
    hint: 'text with special characters is put in quotes',
  },
  BAD_INDENT: { message: 'the indentation does not fit', hint: 'settings of one level begin in one column' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second "name: value" begins on this line',
    hint: 'text that contains ": " is put in quotes',
  },
  MULTIPLE_DOCS: { message: 'a second document begins here', hint: 'a file is one YAML document' },
  RESOURCE_EXHAUSTION: { message: 'is nested too deeply' },
  UNEXPECTED_TOKEN: {
    message: 'this does not fit here',
    hint: 'text with special characters is put in quotes',
  },
  TAB_AS_INDENT: { message: 'a tab stands in the indentation', hint: 'YAML is indented with spaces' },
  TAG_RESOLVE_FAILED: { message: 'tags have no meaning here', hint: 'leave out the word that begins with !' },
};

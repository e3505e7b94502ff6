import { distance } from 'fastest-levenshtein';
import { namesSecret } from './excerpt.ts';
import { type Finding, printPath } from './finding.ts';
import type { Expand } from './read.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$(\$?)\{([^{}]*)\}/g;
/** What the names of all our variables begin with. */
export const PREFIX = 'MAILSMS_';

/**
 * Puts environment variables in for `${MAILSMS_NAME}`. Only names that begin so: a configuration must not be able to
 * read whatever else is in the environment. `$${` is a plain `${`.
 */
export function expander(env: Environment): Expand {
  return (text, path) => {
    if (!text.includes('${')) return text;
    let fault: Omit<Finding, 'path'> | undefined;
    const expanded = text.replace(REFERENCE, (whole, escaped: string, name: string) => {
      if (escaped !== '') return whole.slice(1);
      const value = name.startsWith(PREFIX) ? env[name] : undefined;
      if (value === undefined) fault ??= missing(name, env);
      else if (value === '' && whole === text && namesSecret(String(path.at(-1)))) fault ??= empty(name);
      // Inside a URL a password may hold what would end it.
      return printPath(path) === 'mail.relay' && whole !== text
        ? encodeURIComponent(value ?? '')
        : (value ?? '');
    });
    return fault ?? expanded;
  };
}

/** A secret that is to be empty says so in the file: a variable is more likely to have been forgotten. */
function empty(name: string): Omit<Finding, 'path'> {
  return {
    message: `the environment variable ${name} is empty`,
    hint: 'give it a value, or leave the setting out',
  };
}

function missing(name: string, env: Environment): Omit<Finding, 'path'> {
  if (!/^MAILSMS_\w+$/.test(name)) {
    return {
      message: `\${${name}} cannot be used`,
      hint: 'only environment variables called MAILSMS_... can; a plain ${ is written $${',
    };
  }
  const close = Object.keys(env).find((each) => each.startsWith(PREFIX) && distance(each, name) <= 2);
  return {
    message: `the environment variable ${name} is not set`,
    ...(close === undefined ? {} : { hint: `did you mean ${close}?` }),
  };
}

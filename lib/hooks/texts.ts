/** Hooks of programs that post a text and know no alarms. */
import { z } from 'zod';
import { firstOf, hook, joinLines, words } from './hook.ts';

/** Apprise's `json://` and `jsons://`. */
export const apprise = hook(
  'Apprise, by json:// or jsons://',
  '{ title, message, type }',
  z.looseObject({ title: words(), message: z.string(), type: words() }),
  ({ title, message }) => ({ text: joinLines(title, message) }),
);

/** Whatever can post JSON with a text in it. */
export const generic = hook(
  'anything that posts JSON with a text',
  '{ message (or msg, text), title?, key?, status?: "resolved" }',
  z
    .looseObject({
      message: words(),
      msg: words(),
      text: words(),
      title: words(),
      subject: words(),
      key: words(),
      status: words(),
    })
    .refine(({ message, msg, text }) => firstOf(message, msg, text) !== '', 'has no message'),
  ({ message, msg, text, title, subject, key, status }) => ({
    text: joinLines(firstOf(title, subject), firstOf(message, msg, text)),
    ...(key === '' ? {} : { key }),
    ...(key !== '' && /^(resolved|ok|recovery)$/i.test(status) ? { ends: true as const } : {}),
  }),
);

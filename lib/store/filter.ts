import type { IncomingFilter, MessageFilter } from './archive.ts';
import type { IncomingMessage, OutgoingMessage } from './records.ts';

/** What the filters of lists mean, for every store: those that can ask an index for it must come to the same. */

export function isWanted(message: OutgoingMessage, where: MessageFilter = {}): boolean {
  const { number, sender, account, gateway, text } = where;
  const { origin, content } = message;
  return (
    (number === undefined || message.number === number) &&
    (sender === undefined || belongsTo(sender, origin.sender) || belongsTo(sender, message.account)) &&
    (account === undefined || belongsTo(account, message.account)) &&
    (gateway === undefined ||
      message.gateway === gateway.id ||
      gateway.lanes.includes(message.lane) ||
      message.parts.some((part) => part.gateway === gateway.id)) &&
    (text === undefined || (content.kind === 'text' && holds(content.text, text)))
  );
}

export function isWantedIncoming(message: IncomingMessage, where: IncomingFilter = {}): boolean {
  const { number, gateway, text } = where;
  const written = (): string =>
    message.parts.map(({ body }) => (body.kind === 'text' ? body.text : '')).join('');
  return (
    (number === undefined || message.number === number) &&
    (gateway === undefined || message.gateway === gateway) &&
    (text === undefined || holds(written(), text))
  );
}

/** Whether `name` is the one that is asked for, or of the domain that is (`@example.com`). Names do not mind case. */
function belongsTo(wanted: string, name: string | undefined): boolean {
  const [asked, is] = [wanted.toLowerCase(), name?.toLowerCase()];
  return is !== undefined && (is === asked || (asked.startsWith('@') && is.endsWith(asked)));
}

function holds(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

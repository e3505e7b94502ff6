import { Command } from 'commander';
import type { AmendmentKind } from '../../lib/flow/operator/messages.ts';
import { INCOMING_STATES } from '../../lib/store/records.ts';
import { withPlace } from '../control.ts';
import { wholeNumber } from '../options.ts';
import { amend, type AmendOptions } from '../queue/amend.ts';
import { listIncoming, type ListOptions, listOutgoing } from '../queue/list.ts';
import { withSelection } from '../queue/selection.ts';
import { show } from '../queue/show.ts';

export function queueCommand(): Command {
  const queue = new Command('queue').description('look at the messages, try them again, cancel them');
  const list = new Command('ls').description(
    'list messages: those that are waiting and why, or those that the options choose',
  );
  withPlace(
    withSelection(list)
      .option('--incoming', `messages from phones: ${INCOMING_STATES.join(',')}; default: all`)
      .option('--limit <n>', 'at most so many', wholeNumber, 50)
      .option('--json', 'one JSON object a line'),
  ).action((options: ListOptions) =>
    options.incoming === true ? listIncoming(options) : listOutgoing(options),
  );
  queue.addCommand(list, { isDefault: true });
  withPlace(
    queue
      .command('show <id>')
      .description(
        'one message with its parts, all its stations, and what the rules saw; also one from a phone',
      )
      .option('--json', 'as a JSON object'),
  ).action(show);
  queue.addCommand(amendCommand('retry', 'retry', 'send waiting, held or failed messages now'));
  queue.addCommand(amendCommand('rm', 'remove', 'forget messages; those still waiting are not sent'));
  queue.addCommand(amendCommand('cancel', 'cancel', 'do not send waiting messages, and tell their senders'));
  return queue;
}

function amendCommand(name: string, kind: AmendmentKind, description: string): Command {
  const command = new Command(name)
    .description(`${description}: those with these ids, or those that the options choose`)
    .argument('[id...]', 'messages');
  return withPlace(withSelection(command))
    .option('--all', 'all that "queue ls" lists; on a terminal you are asked first')
    .option('--yes', 'do not ask')
    .action((ids: string[], options: AmendOptions) => amend(kind, ids, options));
}

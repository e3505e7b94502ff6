import { z } from 'zod';
import { given } from '../../../base/given.ts';
import { INCOMING_STATES, type IncomingMessage } from '../../../store/records.ts';
import { incomingText } from '../../incoming/text.ts';
import { count, next, rulesView, stationView, time, viewRules, viewStation } from './fields.ts';

/** A message from a phone. */
export const incomingView = z
  .strictObject({
    id: z.string(),
    state: z.enum(INCOMING_STATES),
    gateway: z.string(),
    number: z.string(),
    received: time,
    text: z.string().meta({ description: 'As it stands in its mail.' }),
    parts: count.meta({ description: 'How many it should have.' }),
    missing: z.array(count).readonly().meta({ description: 'The numbers of those that did not come.' }),
    trace: z.array(stationView).readonly(),
    rules: rulesView.exactOptional(),
  })
  .readonly();

export type IncomingView = z.output<typeof incomingView>;

/** Messages from phones, newest first. */
export const incomingPage = z.strictObject({ incoming: z.array(incomingView).readonly(), next }).readonly();

export type IncomingViewPage = z.output<typeof incomingPage>;

export function viewIncoming(message: IncomingMessage): IncomingView {
  const { id, state, gateway, number, received, total, trace, rules } = message;
  const { text, missing } = incomingText(message);
  return given({
    id,
    state,
    gateway,
    number,
    received,
    text,
    parts: total,
    missing,
    trace: trace.map(viewStation),
    rules: rules === undefined ? undefined : viewRules(rules),
  });
}

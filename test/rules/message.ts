import type { RuleMessage } from '../../lib/rules/message.ts';
import { readRuleFile } from '../../lib/rules/rule-file.ts';
import { type RuleSet, compileRules } from '../../lib/rules/rule-set.ts';
import type { CompileContext } from '../../lib/rules/condition.ts';

/** A mail on its way to a phone, on a Monday at noon in UTC. */
export function outgoing(changes: Partial<RuleMessage> = {}): RuleMessage {
  return {
    direction: 'outgoing',
    id: 'm1',
    headers: [
      { name: 'From', value: 'Jane Doe <jane@example.com>' },
      { name: 'Subject', value: 'Server down' },
    ],
    text: 'The server is down.',
    size: 900,
    attachments: [],
    sender: 'jane@example.com',
    recipient: '"sms:+15551234567"@sms.example.com',
    number: '+15551234567',
    parameters: [],
    remote: '192.0.2.7',
    account: { user: 'jane', phoneAlias: '+15559990000' },
    authenticated: true,
    trusted: false,
    at: Date.UTC(2026, 10, 23, 12, 0, 0),
    zone: 'UTC',
    parts: 1,
    encoding: 'gsm7',
    priority: 0,
    hops: 0,
    ...changes,
  };
}

/** A text from a phone on its way to a mailbox. */
export function incoming(changes: Partial<RuleMessage> = {}): RuleMessage {
  const { sender: _, recipient: __, account: ___, remote: ____, ...others } = outgoing();
  return {
    ...others,
    direction: 'incoming',
    headers: [
      { name: 'From', value: 'sms:+15551234567@sms.example.com' },
      { name: 'To', value: 'desk@example.com' },
      { name: 'Subject', value: 'SMS from +15551234567' },
    ],
    text: 'I am late',
    size: 9,
    gateway: 'modem1',
    authenticated: false,
    ...changes,
  };
}

export const GATEWAYS = ['us', 'eu', 'modem1', 'gatewayid', 'usgatewayid', 'eugatewayid'];

/** Rules from YAML, compiled. */
export function rulesFrom(yaml: string, context: Partial<CompileContext> = {}): RuleSet {
  return compileRules([readRuleFile(yaml, 'rules.yaml')], {
    gateways: GATEWAYS,
    lists: () => undefined,
    ...context,
  });
}

/** One rule with these conditions, in YAML flow style: does it apply? */
export function applies(when: string, message: RuleMessage, context: Partial<CompileContext> = {}): boolean {
  const set = rulesFrom(`rules:\n  - title: t\n    when: ${when}\n    do: stop\n`, context);
  return set.decide(message).verdict.stopped;
}

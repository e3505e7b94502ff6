/** How long rules take: `node --import tsx bench/rules.ts`. On a busy machine the processor's time is what counts. */
import type { RuleMessage } from '../lib/rules/message.ts';
import { ruleFileOf } from '../lib/rules/rule-file.ts';
import { compileRules } from '../lib/rules/rule-set.ts';
import type { RuleData } from '../lib/rules/schema.ts';

const message: RuleMessage = {
  direction: 'outgoing',
  headers: [
    {
      name: 'Received',
      value: 'from mx.example.com by sms.example.com with ESMTPS; Mon, 23 Nov 2026 12:00:00 +0000',
    },
    { name: 'From', value: 'Monitoring <alerts@example.com>' },
    { name: 'Subject', value: '[db1] disk usage is at 91 %' },
    { name: 'Message-ID', value: '<1@example.com>' },
    { name: 'Date', value: 'Mon, 23 Nov 2026 12:00:00 +0000' },
  ],
  text: 'db1: disk usage of /var is at 91 %, more than 90 %. Since 11:55. Please have a look at it soon.',
  size: 1500,
  attachments: [],
  sender: 'alerts@example.com',
  recipient: '"sms:+15551234567"@sms.example.com',
  number: '+15551234567',
  parameters: [],
  remote: '192.0.2.7',
  authenticated: true,
  trusted: false,
  at: Date.UTC(2026, 10, 23, 12),
  zone: 'Europe/Vienna',
  parts: 1,
  encoding: 'gsm7',
  priority: 0,
  hops: 0,
};

/** Rules of which none applies, so that all are looked at. */
const plain: readonly ((index: number) => RuleData['when'])[] = [
  (index) => ({ subject: { contains: `host${index}` } }),
  (index) => ({ from: { is: [`a${index}@example.com`, `b${index}@example.com`] } }),
  (index) => ({ prefix: `+43${index}` }),
  (index) => ({ body: { contains: `error ${index}`, words: true }, trusted: false }),
  (index) => ({
    any: [{ to: { starts: `+49${index}` } }, { header: { name: 'X-Host', wildcard: `db${index}*` } }],
  }),
];
const regex: typeof plain = [(index) => ({ subject: { regex: `^\\[web${index}\\] (.*)$` } })];
const bodyRegex: typeof plain = [(index) => ({ body: { regex: `(\\w+) failed ${index}` } })];
const guarded: typeof plain = [(index) => ({ subject: { regex: `^(?:web|app|db${index})+: ` } })];

function rulesOf(count: number, kinds: typeof plain): RuleData[] {
  return Array.from({ length: count }, (_, index): RuleData => {
    const when = kinds[index % kinds.length]?.(index);
    return { title: `rule ${index}`, ...(when === undefined ? {} : { when }), do: [{ route: 'us' }, 'stop'] };
  });
}

function measure(name: string, rules: readonly RuleData[], rounds: number): void {
  const started = performance.now();
  const set = compileRules([ruleFileOf('bench', rules)], { gateways: ['us'], lists: () => [] });
  const compiled = performance.now() - started;
  for (let index = 0; index < rounds; index++) set.decide(message);
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let index = 0; index < rounds; index++) {
    const start = performance.now();
    set.decide(message);
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  const cpu = ((user + system) / 1000 / rounds).toFixed(3);
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(3);
  console.log(
    `${name.padEnd(44)} compile ${compiled.toFixed(0).padStart(4)} ms   run p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   processor ${cpu} ms`,
  );
}

measure('1,000 plain rules', rulesOf(1000, plain), 500);
measure('1,000 regular expressions on the subject', rulesOf(1000, regex), 300);
measure('1,000 regular expressions on the text', rulesOf(1000, bodyRegex), 100);
measure('10 regular expressions under a watchdog', rulesOf(10, guarded), 100);
measure('10 plain rules', rulesOf(10, plain), 5000);

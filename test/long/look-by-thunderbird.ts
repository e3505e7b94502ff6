import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { has } from '../support/clients.ts';
import { Thunderbird } from '../support/thunderbird.ts';
import { mailsToLookAt } from './mails-to-look-at.ts';

/**
 * Shows all that mailsms mails in Thunderbird and writes what is seen into a folder, for people to look at:
 * `npm run look:thunderbird -- FOLDER`. An answer is then answered in Thunderbird, and must arrive on the phone. Needs
 * thunderbird, python3 and curl; takes a minute.
 */
async function main(folder: string): Promise<void> {
  const missing = ['thunderbird', 'python3', 'curl'].filter((program) => !has(program));
  if (missing.length > 0) throw new Error(`${missing.join(', ')} not installed`);
  mkdirSync(folder, { recursive: true });
  await mailsToLookAt(async ({ mails, user, smtpPort, modem }) => {
    const thunderbird = await Thunderbird.start({ mails: mails.map(({ raw }) => raw), user, smtpPort });
    try {
      for (const [index, { name, messageId, raw }] of mails.entries()) {
        const file = join(folder, `${String(index + 1).padStart(2, '0')}-${name}`);
        writeFileSync(`${file}.eml`, raw);
        writeFileSync(`${file}.png`, await thunderbird.show(messageId));
        process.stdout.write(`${file}.png\n`);
      }
      const answer = mails.find(({ name }) => name === 'answer');
      const before = modem.sent.length;
      await thunderbird.reply(answer?.messageId ?? '', 'Answered in Thunderbird');
      const sent = (await modem.waitForSent(before + 1)).at(-1);
      if (sent?.text !== 'Answered in Thunderbird') throw new Error(`the phone got: ${sent?.text}`);
      process.stdout.write(`the answer arrived at ${sent.number}\n`);
    } finally {
      await thunderbird.stop();
    }
  });
}

await main(process.argv[2] ?? 'thunderbird');

import { expect } from 'chai';
import fc from 'fast-check';
import { normaliseText } from '../../../lib/mail/text/normalise.ts';
import { stripText } from '../../../lib/mail/text/strip.ts';
import { isForward } from '../../../lib/mail/read/subject.ts';

/** A text as it stands in a mail, and what is left of it. */
type Case = readonly [name: string, text: string, own: string];

describe('quoted replies', () => {
  const introductions: readonly (readonly [string, string])[] = [
    ['English', 'On Tue, 3 Jun 2025 at 09:28, Ann Lee <ann@example.com> wrote:'],
    ['English, Gmail of old', 'On Tue, Jun 3, 2025 at 9:28 AM, Ann <ann@example.com>wrote:'],
    ['English, the name first', '3 June 2025 09:28, "Ann Lee" <ann@example.com> wrote:'],
    [
      'English, over two lines',
      'On Tue, Jun 3, 2025 at 9:28 AM sms:+15551234567 <\n"sms:+15551234567"@sms.example.com> wrote:',
    ],
    ['English, over three lines', 'On Tue, Jun 3, 2025\nat 9:28 AM, Ann Lee\n<ann@example.com> wrote:'],
    ['German', 'Am 03.06.25 um 09:28 schrieb Anna Huber:'],
    ['German, Gmail', 'Am Di., 3. Juni 2025 um 09:28 Uhr schrieb Anna Huber <\nanna@example.at>:'],
    ['German, Apple Mail', 'Am 03.06.2025 um 09:28 schrieb "sms:+436641234567" <x@example.at>:'],
    ['German, Outlook for phones', 'Anna Huber <anna@example.at> schrieb am Di., 3. Juni 2025, 09:28:'],
    ['French', 'Le mar. 3 juin 2025 à 09:28, Zoé Martin <zoe@example.fr> a écrit :'],
    ['Spanish', 'El mar, 3 jun 2025 a las 9:28, José (<jose@example.es>) escribió:'],
    ['Italian', 'Il giorno mar 3 giu 2025 alle ore 09:28 Giulia <giulia@example.it> ha scritto:'],
    ['Portuguese', 'Em ter., 3 de jun. de 2025 às 09:28, João <joao@example.pt> escreveu:'],
    ['Dutch', 'Op di 3 jun 2025 om 09:28 schreef Jan <jan@example.nl>:'],
    ['Polish', 'wt., 3 cze 2025 o 09:28 Piotr Nowak <piotr@example.pl> napisał(a):'],
    ['Czech', 'út 3. 6. 2025 v 9:28 odesílatel Jan Novák <jan@example.cz> napsal:'],
    ['Swedish', 'Den tis 3 juni 2025 kl 09:28 skrev Lars <lars@example.se>:'],
    ['Danish', 'Den 3. juni 2025 kl. 09.28 skrev Søren <soren@example.dk>:'],
    ['Finnish', 'ti 3. kesäk. 2025 klo 9.28 Matti (matti@example.fi) kirjoitti:'],
    ['Hungarian', '2025. 06. 03. 9:28 keltezéssel, Nagy Éva írta:'],
    ['Russian', 'вт, 3 июн. 2025 г. в 09:28, Иван Петров <ivan@example.ru>:'],
    ['Russian, with a verb', '3 июня 2025 г., в 9:28, Иван <ivan@example.ru> написал(а):'],
    ['Ukrainian', '3 червня 2025 р. о 09:28 <olena@example.ua> написав:'],
    ['Greek', 'Στις 3/6/25 9:28 π.μ., ο/η Νίκος έγραψε:'],
    ['Turkish', 'Ali Veli <ali@example.tr>, 3 Haz 2025 Sal, 09:28 tarihinde şunu yazdı:'],
    ['Hebrew', 'בתאריך יום ג׳, 3 ביוני 2025 ב-9:28 מאת דנה <dana@example.il> כתב:'],
    ['Chinese', '张伟 <zhang@example.cn> 于2025年6月3日周二 09:28写道：'],
    ['Japanese', '2025年6月3日(火) 9:28 山田太郎 <yamada@example.jp>さんが書きました:'],
  ];
  for (const [name, introduction] of introductions) {
    it(`${name}, with marks and without`, () => {
      expect(stripText(`Own text.\n\n${introduction}\n\n> Quoted.\n> More.`)).to.equal('Own text.');
      expect(stripText(`Own text.\n\n${introduction}\n\nQuoted.\nMore.`)).to.equal('Own text.');
    });
  }

  const separators: readonly Case[] = [
    [
      'Yandex, with fields',
      'Да.\n\n----------------\nКому: bob@yandex.ru (bob@yandex.ru);\nТема: Насос;\n03.06.2025, 10:12, "Ann" <ann@yandex.ru>:\n\nПридёте?',
      'Да.',
    ],
    [
      'Orange, its fields far apart',
      'Oui.\n\nMessage du 03/06/25 10:12\n\nDe : "Ann" <ann@orange.fr>\n\nA : bob@example.fr\n\nCopie à :\n\nObjet : Pompe\n\nVenez ?',
      'Oui.',
    ],
    ['Outlook, English', 'Own.\n\n-----Original Message-----\nFrom: Ann\nSent: today\nQuoted.', 'Own.'],
    ['Outlook, German', 'Own.\n\n-----Ursprüngliche Nachricht-----\nVon: Ann\nQuoted.', 'Own.'],
    ['Outlook, French', "Own.\n\n-----Message d'origine-----\nDe : Ann\nQuoted.", 'Own.'],
    [
      'Outlook with a rule',
      'Own.\n\n________________________________\nFrom: Ann <a@b.c>\nSent: Tuesday\nTo: Bob\nSubject: RE: x\n\nQuoted.',
      'Own.',
    ],
    [
      'Outlook, German header',
      'Own.\n\nVon: Ann <a@b.c>\nGesendet: Dienstag\nAn: Bob\nBetreff: AW: x\n\nQuoted.',
      'Own.',
    ],
    [
      'Outlook, French header',
      'Own.\n\nDe : Ann <a@b.c>\nEnvoyé : mardi\nÀ : Bob\nObjet : RE: x\n\nQuoted.',
      'Own.',
    ],
    [
      'Outlook, Spanish header',
      'Own.\n\nDe: Ann <a@b.c>\nEnviado el: martes\nPara: Bob\nAsunto: RE: x\n\nQuoted.',
      'Own.',
    ],
    [
      'Outlook, Russian header',
      'Own.\n\nОт: Ann <a@b.c>\nОтправлено: вт\nКому: Bob\nТема: RE: x\n\nQuoted.',
      'Own.',
    ],
    [
      'Outlook, Chinese header',
      'Own.\n\n发件人: Ann <a@b.c>\n发送时间: 2025\n收件人: Bob\n主题: x\n\nQuoted.',
      'Own.',
    ],
    ['bold header', 'Own.\n\n*From:* Ann\n*Sent:* Tuesday\n*To:* Bob\n\nQuoted.', 'Own.'],
    ['answers between quotes', 'On 3 June Ann wrote:\n> Coffee?\nYes.\n\n> Where?\n\nAt 5.', 'Yes.\n\nAt 5.'],
    ['the answer below', 'On 3 June Ann wrote:\n> Coffee?\n\nYes, at 5.', 'Yes, at 5.'],
    ['an overflowing quote', 'No.\n> This line is quoted and was\nwrapped\n> by a program.', 'No.'],
    [
      'a ticket system',
      'Fixed, thanks.\n##- Please type your reply above this line -##\nYour ticket',
      'Fixed, thanks.',
    ],
    ['nothing but a quote', '> Only this.', '> Only this.'],
  ];
  for (const [name, text, own] of separators) it(name, () => expect(stripText(text)).to.equal(own));

  const whole: readonly (readonly [string, string])[] = [
    ['a sentence with the verb', 'As he wrote:\nthe pump is off.'],
    ['a list after a time', 'On 3 June:\n- pump off\n- tank empty'],
    ['From: without a header', 'From: platform 3\nthe train leaves at 9:28.'],
    ['a monitoring mail with To: and From:', 'From: 10:00\nDown since then.\nHost: web1'],
    ['two dashes in a line', 'Pump 1 -- off\nPump 2 -- on'],
    ['a rule in a report', 'Totals\n---\n3 failed'],
    ['a comparison', 'load 5 > 4\n x > y'],
    ['an address in angle brackets', 'See <https://example.com/a>'],
  ];
  for (const [name, text] of whole) it(`leaves ${name}`, () => expect(stripText(text)).to.equal(text));

  it('leaves what a forwarded mail forwards', () => {
    const text = 'FYI\n\nFrom: Ann <a@b.c>\nSent: Tuesday\nTo: Bob\nSubject: Alarm\n\nPump 3 is off.';
    expect(stripText(text, { subject: 'Fwd: Alarm' })).to.equal(text);
    expect(stripText(text, { subject: 'RE: Alarm' })).to.equal('FYI');
    const gmail =
      'FYI\n\n---------- Forwarded message ---------\nFrom: Ann <a@b.c>\nDate: Tue\nSubject: Alarm\nTo: x\n\nPump.';
    expect(stripText(gmail, { subject: 'Fwd: Alarm' })).to.equal(gmail);
  });

  it('knows a forwarded mail by its subject', () => {
    for (const subject of ['Fwd: x', 'FW: x', 'WG: x', 'TR : x', 'RV: x', '[team] Fwd: x', '转发：x']) {
      expect(isForward(subject), subject).to.equal(true);
    }
    for (const subject of ['Re: x', 'Fwd', 'AW: Fwd: x', 'Forward: x', '']) {
      expect(isForward(subject), subject).to.equal(false);
    }
  });
});

describe('introductions that only the marks below them give away', () => {
  const lines = [
    'Ann Lee wrote:',
    '* Ann Lee wrote:',
    'Anna Huber schrieb:',
    'Quoting Ann Lee (ann@example.com)',
    'Quoting Ann Lee:',
    'Zitat von Anna Huber:',
    'On Tue, 3 Jun 2025 at 09:28, Ann Lee <ann@example.com> wrote',
  ];
  for (const line of lines) {
    it(line, () => {
      expect(stripText(`Yes, at nine.\n\n${line}\n\n> Can you come?\n> Ann`)).to.equal('Yes, at nine.');
      expect(stripText(`${line}\n> Can you come?\n\nYes, at nine.`)).to.equal('Yes, at nine.');
    });
  }

  it('are none without marks, or as a part of what was written', () => {
    for (const text of [
      'Ann Lee wrote:\n\nYes, at nine.',
      'I read what\nAnn Lee wrote:\n\nYes.',
      'Quoting Ann Lee\n\nYes.',
    ]) {
      expect(stripText(text)).to.equal(text);
    }
    expect(stripText('I like what\nAnn Lee wrote:\n> Hi\n\nYes.')).to.equal(
      'I like what\nAnn Lee wrote:\n\nYes.',
    );
  });
});

describe('signatures and what programs add', () => {
  const cases: readonly Case[] = [
    ['a signature', 'See you.\n\n--\nAnn Lee\n+1 555 0100', 'See you.'],
    ['a signature above a quote', 'Yes.\n--\nAnn\n\nOn 3 June 2025 Bob wrote:\n> Coffee?', 'Yes.'],
    ['two dashes far from the end', `--\n${'line\n'.repeat(30)}end`, `--\n${'line\n'.repeat(30)}end`],
    ['a phone, English', 'Ok.\n\nSent from my iPhone', 'Ok.'],
    [
      'a phone above a quote',
      'Ok.\n\nSent from my iPhone\n\n> On 3 June 2025, at 9:28, Bob wrote:\n>\n> Hi',
      'Ok.',
    ],
    ['Outlook for phones', 'Ok.\n\nGet Outlook for Android<https://aka.ms/x>', 'Ok.'],
    ['Windows', 'Ok.\n\nSent from Mail for Windows', 'Ok.'],
    ['a phone, German', 'Ok.\n\nVon meinem iPhone gesendet', 'Ok.'],
    ['an app, German', 'Ok.\n\nGesendet mit der Telekom Mail App', 'Ok.'],
    ['a phone, French', 'Ok.\n\nEnvoyé de mon iPhone', 'Ok.'],
    ['a phone, Spanish', 'Ok.\n\nEnviado desde mi iPhone', 'Ok.'],
    ['a phone, Italian', 'Ok.\n\nInviato da iPhone', 'Ok.'],
    ['a phone, Dutch', 'Ok.\n\nVerstuurd vanaf mijn iPhone\nVerzonden vanaf mijn iPhone', 'Ok.'],
    ['a phone, Polish', 'Ok.\n\nWysłane z iPhone’a', 'Ok.'],
    ['a phone, Swedish', 'Ok.\n\nSkickat från min iPhone', 'Ok.'],
    ['a phone, Russian', 'Ok.\n\nОтправлено с iPhone', 'Ok.'],
    ['a phone, Japanese', 'Ok.\n\niPhoneから送信', 'Ok.'],
    ['a phone, Chinese', 'Ok.\n\n发自我的iPhone', 'Ok.'],
    [
      'a sentence that begins alike',
      'Sent from my desk, it was easier.',
      'Sent from my desk, it was easier.',
    ],
    [
      'a disclaimer',
      'Door is open.\n\nThis e-mail is confidential and may be privileged. It is intended only for the named recipient.',
      'Door is open.',
    ],
    [
      'a disclaimer under a rule, German',
      'Tür ist offen.\n\n_____________\nDiese Nachricht ist vertraulich und nur für den Empfänger bestimmt.',
      'Tür ist offen.',
    ],
    ['a disclaimer, French', 'Ok.\n\nCe message est confidentiel et réservé à son destinataire.', 'Ok.'],
    ['the environment', 'Ok.\n\nPlease consider the environment before printing this e-mail.', 'Ok.'],
    ['a virus scanner', 'Ok.\n\nVirus-free. www.example.com', 'Ok.'],
    [
      'a warning above',
      'CAUTION: This email originated from outside of the organization.\n\nDoor is open.',
      'Door is open.',
    ],
    [
      'a word that disclaimers have',
      'The intended host is confidential.',
      'The intended host is confidential.',
    ],
    [
      'a notice, English',
      'Pump 3 is down.\n\nThis is an automated message. Please do not reply to this email.',
      'Pump 3 is down.',
    ],
    [
      'a notice, German, in stars',
      'Pumpe 3 steht.\n\n*** Diese E-Mail wurde automatisch erstellt. Bitte antworten Sie nicht auf diese Nachricht. ***',
      'Pumpe 3 steht.',
    ],
    [
      'a notice, French',
      'Pompe 3 en panne.\n\nCeci est un message automatique, merci de ne pas y répondre.',
      'Pompe 3 en panne.',
    ],
    [
      'a notice, Spanish',
      'Bomba 3 parada.\n\nEste es un mensaje automático. Por favor, no responda a este correo.',
      'Bomba 3 parada.',
    ],
    [
      'a notice, Italian',
      'Pompa 3 ferma.\n\nQuesto è un messaggio automatico, si prega di non rispondere.',
      'Pompa 3 ferma.',
    ],
    ['a notice above', 'This is an auto-generated email.\n\nPump 3 is down.', 'Pump 3 is down.'],
    [
      'why one gets it',
      'Deploy failed.\n\nYou are receiving this email because you are subscribed to alerts.\nUnsubscribe: https://example.com/u/1',
      'Deploy failed.',
    ],
    [
      'a notice that says what happened',
      'ALARM\n\nThis is an automated message from the fire alarm in the hall. Please do not reply.',
      'ALARM\n\nThis is an automated message from the fire alarm in the hall. Please do not reply.',
    ],
    [
      'a reason that says what happened',
      'Disk\n\nYou are receiving this email because your alarm "disk" has gone off.',
      'Disk\n\nYou are receiving this email because your alarm "disk" has gone off.',
    ],
    [
      'a person who wants no answer',
      'I am on a train.\n\nPlease do not reply to this message.',
      'I am on a train.\n\nPlease do not reply to this message.',
    ],
    [
      'the footer of a list',
      'Version 2 is out.\n_______________________________________________\ndev mailing list -- dev@example.org\nhttps://x',
      'Version 2 is out.',
    ],
    [
      'the footer of a group',
      'Hi all.\n\n--\nYou received this message because you are subscribed to x.',
      'Hi all.',
    ],
  ];
  for (const [name, text, own] of cases) it(name, () => expect(stripText(text)).to.equal(own));

  it('takes a wish for no answers for a notice where the mail answers none', () => {
    const text = 'Pump 3 is down.\n\nPlease do not reply to this email.';
    expect(stripText(text, { reply: false })).to.equal('Pump 3 is down.');
    const sole = 'Do not reply to this email.';
    expect(stripText(sole, { reply: false })).to.equal(sole);
  });

  it('drops paragraphs that the caller names', () => {
    const text = 'Door is open.\n\nACME Ltd., registered in England';
    expect(stripText(text, { disclaimers: [/^ACME Ltd\./] })).to.equal('Door is open.');
  });
});

describe('a signature that nothing marks', () => {
  const block = 'Plant manager\nAcme Ltd | 1 Street\nT: +44 20 7946 0000\nwww.acme.example';
  const names = [
    'Kind regards,',
    'Mit freundlichen Grüßen',
    'Cordialement,',
    'Saludos',
    'Z poważaniem',
    'С уважением,',
  ];
  for (const closing of names) {
    it(`below "${closing}" goes, and the name stays`, () => {
      expect(stripText(`Yes.\n\n${closing}\nAnn Lee\n\n${block}`)).to.equal(`Yes.\n\n${closing}\nAnn Lee`);
    });
  }

  it('may have the name on the line of the closing', () => {
    expect(stripText(`Yes.\n\nThanks, Ann\n${block}`)).to.equal('Yes.\n\nThanks, Ann');
  });

  const kept: readonly (readonly [string, string, boolean?])[] = [
    ['one number', 'Call me.\n\nThanks,\nAnn\n+44 7700 900123'],
    ['a postscript', `Yes.\n\nRegards\nAnn\n${block}\nPS: bring the key`],
    ['a question', `Yes.\n\nRegards\nAnn\n${block}\nOr shall I call you?`],
    ['a sentence', `Yes.\n\nRegards\nAnn\n${block}\nBring the key for the north hall.`],
    [
      'numbers of an alarm',
      'Down.\n\nRegards\nMonitor\nDuty: +49 30 1234567\nhttps://panel.example/3',
      false,
    ],
    ['numbers under a heading', 'Call these:\n--------------------------\nAnn +44 20 7946 0000'],
    [
      'a list below a rule in a mail that answers none',
      `Down.\n${'-'.repeat(30)}\nAnn +44 20 7946 0000`,
      false,
    ],
  ];
  for (const [name, text, reply = true] of kept) {
    it(`is none with ${name}`, () => expect(stripText(text, { reply })).to.equal(text));
  }
});

describe('the end tag', () => {
  it('is none where it is a heading among others', () => {
    expect(stripText('## Pump 3\nis down\n## Pump 4\nis up')).to.equal(
      '## Pump 3\nis down\n## Pump 4\nis up',
    );
    expect(stripText('## Pump 3\nis down\n##\nprivate')).to.equal('## Pump 3\nis down');
  });

  const cases: readonly Case[] = [
    ['cuts the text', 'Call me ## and this is for others', 'Call me'],
    ['on a line of its own', 'Call me\n##\nrest', 'Call me'],
    ['is none at the very beginning', '## Alarm\nPump is off', '## Alarm\nPump is off'],
    ['is none before a number', 'Ticket ##42 is open\n##\nrest', 'Ticket ##42 is open'],
    ['is none in a longer run', 'a\n### Title\nb', 'a\n### Title\nb'],
  ];
  for (const [name, text, own] of cases) it(name, () => expect(stripText(text)).to.equal(own));

  it('can be another, or none', () => {
    expect(stripText('a %end b ## c', { endTag: '%end' })).to.equal('a');
    expect(stripText('a ## b', { endTag: '' })).to.equal('a ## b');
  });
});

describe('any text', () => {
  const piece = fc.constantFrom(
    ...[
      '> ',
      '\n',
      '\n\n',
      '--\n',
      'On 3 June Ann wrote:',
      '##',
      'From: a',
      '\nTo: b',
      '\nSubject: c',
      'x',
      'word ',
    ],
    ...[
      'Sent from my iPhone',
      '____________________',
      '-----Original Message-----',
      'confidential recipient',
      ':',
    ],
  );
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => normaliseText(pieces.join('')));

  it('loses lines only, and is never lost', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const own = stripText(whole);
        if (whole !== '') expect(own).not.to.equal('');
        let at = 0;
        for (const line of own.split('\n').filter((one) => one !== '')) {
          at = whole.indexOf(line, at);
          expect(at, line).to.be.at.least(0);
          at += line.length;
        }
      }),
      { numRuns: 500 },
    );
  });
});

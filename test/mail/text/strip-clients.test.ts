import { expect } from 'chai';
import { stripText } from '../../../lib/mail/text/strip.ts';

/**
 * How the usual mail programs introduce the mail that is answered, language by language. Each line is tried with the
 * quote marked and unmarked, and with a signature of the phone in front of it.
 */
type Row = readonly [program: string, introduction: string];

const ANN = 'Ann Lee <ann@example.com>';

const INTRODUCTIONS: readonly Row[] = [
  ['Apple Mail, en', `On 3 Jun 2025, at 09:28, ${ANN} wrote:`],
  ['Apple Mail, en-US', `On Jun 3, 2025, at 9:28 AM, ${ANN} wrote:`],
  ['Apple Mail, de', `Am 03.06.2025 um 09:28 schrieb ${ANN}:`],
  ['iOS, de', `Am 3. Juni 2025 um 09:28 schrieb ${ANN}:`],
  ['Apple Mail, fr', `Le 3 juin 2025 à 09:28, ${ANN} a écrit :`],
  ['Apple Mail, es', `El 3 jun 2025, a las 9:28, ${ANN} escribió:`],
  ['Apple Mail, it', `Il giorno 3 giu 2025, alle ore 09:28, ${ANN} ha scritto:`],
  ['Apple Mail, pt', `No dia 3 de jun. de 2025, às 09:28, ${ANN} escreveu:`],
  ['Apple Mail, nl', `Op 3 jun. 2025 om 09:28 heeft ${ANN} het volgende geschreven:`],
  ['Apple Mail, sv', `3 juni 2025 kl. 09:28 skrev ${ANN}:`],
  ['Apple Mail, da', `Den 3. jun. 2025 kl. 09.28 skrev ${ANN}:`],
  ['Apple Mail, no', `3. juni 2025 kl. 09:28 skrev ${ANN}:`],
  ['Apple Mail, fi', `Ann Lee <ann@example.com> kirjoitti 3.6.2025 kello 9.28:`],
  ['Apple Mail, pl', `Wiadomość napisana przez ${ANN} w dniu 3 cze 2025, o godz. 09:28:`],
  ['Apple Mail, cs', `3. 6. 2025 v 9:28, ${ANN}:`],
  ['Apple Mail, sk', `Dňa 3. 6. 2025 o 9:28 ${ANN} napísal:`],
  ['Apple Mail, hu', `${ANN} írta (2025. jún. 3. 9:28):`],
  ['Apple Mail, ro', `Pe 3 iun. 2025, la 09:28, ${ANN} a scris:`],
  ['Apple Mail, ru', `3 июня 2025 г., в 09:28, ${ANN} написал(а):`],
  ['Apple Mail, uk', `3 черв. 2025 р. о 09:28 ${ANN} пише:`],
  ['Apple Mail, tr', `${ANN} şunları yazdı (3 Haz 2025 09:28):`],
  ['Apple Mail, el', `Στις 3 Ιουν 2025, στις 9:28 π.μ., ο χρήστης ${ANN} έγραψε:`],
  ['Apple Mail, ca', `El 3 juny 2025, a les 9:28, ${ANN} va escriure:`],
  ['Apple Mail, hr', `${ANN} je napisao dana 3. lip 2025. u 09:28:`],
  ['Apple Mail, he', `‫ב-3 ביוני 2025, בשעה 9:28, ‏${ANN} כתב/ה:‬`],
  ['Apple Mail, ja', `2025/06/03 9:28、${ANN}のメール:`],
  ['Apple Mail, zh-CN', `在 2025年6月3日，上午9:28，${ANN} 写道：`],
  ['Apple Mail, zh-TW', `${ANN} 於 2025年6月3日 上午9:28 寫道：`],
  ['Apple Mail, ko', `2025. 6. 3. 오전 9:28, ${ANN} 작성:`],
  ['Gmail, en', `On Tue, Jun 3, 2025 at 9:28 AM ${ANN} wrote:`],
  ['Gmail, en-GB', `On Tue, 3 Jun 2025 at 09:28, ${ANN} wrote:`],
  ['Gmail, de', `Am Di., 3. Juni 2025 um 09:28 Uhr schrieb ${ANN}:`],
  ['Gmail, fr', `Le mar. 3 juin 2025 à 09:28, ${ANN} a écrit :`],
  ['Gmail, es', `El mar, 3 jun 2025 a las 9:28, Ann Lee (<ann@example.com>) escribió:`],
  ['Gmail, ca', `Missatge de ${ANN} del dia dt., 3 de juny 2025 a les 9:28:`],
  ['Gmail, it', `Il giorno mar 3 giu 2025 alle ore 09:28 ${ANN} ha scritto:`],
  ['Gmail, pt', `Em ter., 3 de jun. de 2025 às 09:28, ${ANN} escreveu:`],
  ['Gmail, pt-PT', `${ANN} escreveu (terça, 3/06/2025 à(s) 09:28):`],
  ['Gmail, nl', `Op di 3 jun 2025 om 09:28 schreef ${ANN}:`],
  ['Gmail, pl', `wt., 3 cze 2025 o 09:28 ${ANN} napisał(a):`],
  ['Gmail, cs', `út 3. 6. 2025 v 9:28 odesílatel ${ANN} napsal:`],
  ['Gmail, sk', `ut 3. 6. 2025 o 9:28 ${ANN} napísal(a):`],
  ['Gmail, sl', `V V tor., 3. jun. 2025 ob 09:28 je oseba ${ANN} napisala:`],
  ['Gmail, hr', `uto, 3. lip 2025. u 09:28 ${ANN} napisao je:`],
  ['Gmail, sr', `уто, 3. јун 2025. у 09:28 ${ANN} је написао/ла:`],
  ['Gmail, bg', `На вт, 3.06.2025 г. в 9:28 ${ANN} написа:`],
  ['Gmail, hu', `${ANN} ezt írta (időpont: 2025. jún. 3., K, 9:28):`],
  ['Gmail, ro', `În mar., 3 iun. 2025 la 09:28, ${ANN} a scris:`],
  ['Gmail, sv', `Den tis 3 juni 2025 kl 09:28 skrev ${ANN}:`],
  ['Gmail, da', `Den tirs. 3. jun. 2025 kl. 09.28 skrev ${ANN}:`],
  ['Gmail, no', `tir. 3. juni 2025 kl. 09:28 skrev ${ANN}:`],
  ['Gmail, fi', `ti 3.6.2025 klo 9.28 Ann Lee (ann@example.com) kirjoitti:`],
  ['Gmail, et', `${ANN} kirjutas kuupäeval T, 3. juuni 2025 kell 09:28:`],
  ['Gmail, lt', `2025-06-03, an, 09:28 ${ANN} rašė:`],
  ['Gmail, lv', `otrd., 2025. g. 3. jūn., plkst. 09:28 — lietotājs Ann Lee (<ann@example.com>) rakstīja:`],
  ['Gmail, ru', `вт, 3 июн. 2025 г. в 09:28, ${ANN}:`],
  ['Gmail, uk', `вт, 3 черв. 2025 р. о 09:28 ${ANN} пише:`],
  ['Gmail, el', `Στις Τρί 3 Ιουν 2025 στις 9:28 π.μ., ο χρήστης ${ANN} έγραψε:`],
  ['Gmail, tr', `${ANN}, 3 Haz 2025 Sal, 09:28 tarihinde şunu yazdı:`],
  ['Gmail, he', `‫בתאריך יום ג׳, 3 ביוני 2025 ב-9:28 מאת ‪Ann Lee‬‏ <‪ann@example.com‬‏>:‬`],
  ['Gmail, ar', `في الثلاثاء، 3 يونيو 2025 في 9:28 ص تمت كتابة ما يلي بواسطة ‪Ann‬‏ <‪ann@example.com‬‏>:`],
  ['Gmail, vi', `Vào Th 3, 3 thg 6, 2025 vào lúc 9:28 ${ANN} đã viết:`],
  ['Gmail, th', `ในวันที่ อ. 3 มิ.ย. 2025 เวลา 9:28 ${ANN} เขียนว่า:`],
  ['Gmail, id', `Pada tanggal Sel, 3 Jun 2025 pukul 09.28 ${ANN} menulis:`],
  ['Gmail, ja', `2025年6月3日(火) 9:28 ${ANN}:`],
  ['Gmail, ko', `2025년 6월 3일 (화) 오전 9:28, ${ANN}님이 작성:`],
  ['Gmail, zh-CN', `${ANN} 于2025年6月3日周二 09:28写道：`],
  ['Gmail, zh-TW', `${ANN} 於 2025年6月3日 週二 上午9:28寫道：`],
  ['Thunderbird, en', 'On 6/3/25 9:28 AM, Ann Lee wrote:'],
  ['Thunderbird, de', 'Am 03.06.25 um 09:28 schrieb Ann Lee:'],
  ['Thunderbird, fr', 'Le 03/06/2025 à 09:28, Ann Lee a écrit :'],
  ['Thunderbird, es', 'El 3/6/25 a las 9:28, Ann Lee escribió:'],
  ['Thunderbird, it', 'Il 03/06/2025 09:28, Ann Lee ha scritto:'],
  ['Thunderbird, pt', 'Às 09:28 de 03/06/2025, Ann Lee escreveu:'],
  ['Thunderbird, nl', 'Op 03-06-2025 om 09:28 schreef Ann Lee:'],
  ['Thunderbird, pl', 'W dniu 03.06.2025 o 09:28, Ann Lee pisze:'],
  ['Thunderbird, cs', 'Dne 03. 06. 25 v 9:28 Ann Lee napsal(a):'],
  ['Thunderbird, sv', 'Den 2025-06-03 kl. 09:28, skrev Ann Lee:'],
  ['Thunderbird, fi', 'Ann Lee kirjoitti 3.6.2025 klo 9.28:'],
  ['Thunderbird, ru', '03.06.2025 09:28, Ann Lee пишет:'],
  ['Thunderbird, ja', 'On 2025/06/03 9:28, 山田 太郎 wrote:'],
  ['Thunderbird, zh', '在 2025/6/3 9:28, Ann Lee 写道:'],
  ['Thunderbird, ko', '25. 6. 3. 09:28에 Ann Lee 이(가) 쓴 글:'],
  ['Proton Mail', 'On Tuesday, June 3rd, 2025 at 9:28 AM, Ann Lee <ann@example.com> wrote:'],
  ['Yahoo', 'On Tuesday, June 3, 2025 at 09:28:11 AM EDT, Ann Lee <ann@example.com> wrote:'],
  [
    'Yahoo, de',
    'Am Dienstag, 3. Juni 2025 um 09:28:11 MESZ hat Ann Lee <ann@example.com> Folgendes geschrieben:',
  ],
  ['Yahoo, fr', 'Le mardi 3 juin 2025 à 09:28:11 UTC+2, Ann Lee <ann@example.com> a écrit :'],
  ['Yahoo, es', 'El martes, 3 de junio de 2025, 09:28:11 CEST, Ann Lee <ann@example.com> escribió:'],
  ['Yahoo, it', 'Il martedì 3 giugno 2025 alle ore 09:28:11 CEST, Ann Lee <ann@example.com> ha scritto:'],
  ['Yahoo of old', '--- On Tue, 6/3/25, Ann Lee <ann@example.com> wrote:'],
  ['Zoho', '---- On Tue, 03 Jun 2025 09:28:11 +0530 Ann Lee <ann@example.com> wrote ----'],
  ['Fastmail', 'On Tue, Jun 3, 2025, at 9:28 AM, Ann Lee wrote:'],
  ['Mutt', 'On Tue, Jun 03, 2025 at 09:28:11AM +0200, Ann Lee wrote:'],
  ['Evolution', 'On Tue, 2025-06-03 at 09:28 +0200, Ann Lee wrote:'],
  ['Evolution, de', 'Am Dienstag, dem 03.06.2025 um 09:28 +0200 schrieb Ann Lee:'],
  ['KMail', 'On Tuesday, 3 June 2025 09:28:11 CEST Ann Lee wrote:'],
  ['Claws', 'On Tue, 3 Jun 2025 09:28:11 +0200\nAnn Lee <ann@example.com> wrote:'],
  ['Roundcube', 'On 2025-06-03 09:28, Ann Lee wrote:'],
  ['Roundcube, de', 'Am 2025-06-03 09:28, schrieb Ann Lee:'],
  ['Horde', 'Quoting Ann Lee <ann@example.com>:'],
  ['Horde, de', 'Zitat von Ann Lee <ann@example.com>:'],
  ['Spark', 'On 3 Jun 2025, 09:28 +0200, Ann Lee <ann@example.com>, wrote:'],
  ['Notes', 'Ann Lee <ann@example.com> wrote on 06/03/2025 09:28:11 AM:'],
  ['Mail.ru', 'Вторник, 3 июня 2025, 9:28 +03:00 от Ann Lee <ann@example.com>:'],
  ['Yandex', '03.06.2025, 09:28, "Ann Lee" <ann@example.com>:'],
  ['163', 'At 2025-06-03 09:28:11, "Ann Lee" <ann@example.com> wrote:'],
  ['163, zh', '在 2025-06-03 09:28:11，"Ann Lee" <ann@example.com> 写道：'],
  ['Outlook for Android, de', 'Ann Lee <ann@example.com> schrieb am Di., 3. Juni 2025, 09:28:'],
  ['The Bat!, ru', 'Вы писали 3 июня 2025 г., 9:28:11:'],
  ['Evolution, cs', 'Ann Lee píše v Út 03. 06. 2025 v 09:28 +0200:'],
  ['Thunderbird, ca', 'El 3/6/25 a les 9:28, Ann Lee ha escrit:'],
  ['Open-Xchange, de', 'Ann Lee <ann@example.com> hat am 03.06.2025 09:28 CEST geschrieben:'],
  ['Tuta', 'Jun 3, 2025, 09:28 by ann@example.com:'],
  ['Tuta, de', '3. Juni 2025, 09:28 von ann@example.com:'],
  ['Tuta, fr', '3 juin 2025, 09:28 de ann@example.com:'],
  ['Gmail for Android, nl', 'Op di 3 jun. 2025 09:28 schreef Ann Lee <ann@example.com>:'],
];

describe('how mail programs introduce a quote', () => {
  for (const [program, introduction] of INTRODUCTIONS) {
    it(program, () => {
      expect(stripText(`Own text.\n\n${introduction}\n\n> Quoted.\n> More.`), 'marked').to.equal('Own text.');
      expect(stripText(`Own text.\n\n${introduction}\n\nQuoted.\nMore.`), 'unmarked').to.equal('Own text.');
      expect(stripText(`${introduction}\n> Quoted.\n\nOwn text.`), 'below').to.equal('Own text.');
      const all = stripText(`> ${introduction}\n> Quoted.\n\nOwn text.`);
      expect(all, 'the introduction quoted too').to.equal('Own text.');
    });
  }
});

/** Header blocks in the order From, Sent, To, Subject, as Outlook writes them. */
const BLOCKS: readonly (readonly [string, string])[] = [
  ['en', 'From: Ann\nSent: Tuesday, June 3, 2025 9:28 AM\nTo: Bob\nSubject: RE: x'],
  ['en, Mac', 'From: Ann <a@b.c>\nDate: Tuesday, 3 June 2025 at 09:28\nTo: Bob <b@b.c>\nSubject: Re: x'],
  ['de', 'Von: Ann\nGesendet: Dienstag, 3. Juni 2025 09:28\nAn: Bob\nBetreff: AW: x'],
  ['de, Mac', 'Von: Ann <a@b.c>\nDatum: Dienstag, 3. Juni 2025 um 09:28\nAn: Bob\nBetreff: x'],
  ['fr', 'De : Ann\nEnvoyé : mardi 3 juin 2025 09:28\nÀ : Bob\nObjet : RE: x'],
  ['es', 'De: Ann\nEnviado: martes, 3 de junio de 2025 9:28\nPara: Bob\nAsunto: RE: x'],
  ['it', 'Da: Ann\nInviato: martedì 3 giugno 2025 09:28\nA: Bob\nOggetto: R: x'],
  ['pt', 'De: Ann\nEnviado: terça-feira, 3 de junho de 2025 09:28\nPara: Bob\nAssunto: RE: x'],
  ['nl', 'Van: Ann\nVerzonden: dinsdag 3 juni 2025 09:28\nAan: Bob\nOnderwerp: RE: x'],
  ['pl', 'Od: Ann\nWysłane: wtorek, 3 czerwca 2025 09:28\nDo: Bob\nTemat: RE: x'],
  ['cs', 'Od: Ann\nOdesláno: úterý 3. června 2025 9:28\nKomu: Bob\nPředmět: RE: x'],
  ['sk', 'Od: Ann\nOdoslané: utorok 3. júna 2025 9:28\nKomu: Bob\nPredmet: RE: x'],
  ['sv', 'Från: Ann\nSkickat: den 3 juni 2025 09:28\nTill: Bob\nÄmne: SV: x'],
  ['da', 'Fra: Ann\nSendt: 3. juni 2025 09:28\nTil: Bob\nEmne: SV: x'],
  ['no', 'Fra: Ann\nSendt: tirsdag 3. juni 2025 09:28\nTil: Bob\nEmne: SV: x'],
  ['fi', 'Lähettäjä: Ann\nLähetetty: tiistai 3. kesäkuuta 2025 9.28\nVastaanottaja: Bob\nAihe: VS: x'],
  ['hu', 'Feladó: Ann\nElküldve: 2025. június 3., kedd 9:28\nCímzett: Bob\nTárgy: RE: x'],
  ['ro', 'De la: Ann\nTrimis: marți, 3 iunie 2025 09:28\nCătre: Bob\nSubiect: RE: x'],
  ['ru', 'От: Ann\nОтправлено: вторник, 3 июня 2025 г. 9:28\nКому: Bob\nТема: RE: x'],
  ['uk', 'Від: Ann\nНадіслано: вівторок, 3 червня 2025 р. 9:28\nКому: Bob\nТема: RE: x'],
  ['bg', 'От: Ann\nИзпратено: вторник, 3 юни 2025 г. 9:28\nДо: Bob\nОтносно: RE: x'],
  ['tr', 'Kimden: Ann\nGönderildi: 3 Haziran 2025 Salı 09:28\nKime: Bob\nKonu: YNT: x'],
  ['el', 'Από: Ann\nΣτάλθηκε: Τρίτη, 3 Ιουνίου 2025 9:28 πμ\nΠρος: Bob\nΘέμα: ΑΠ: x'],
  ['he', 'מאת: Ann\nנשלח: יום שלישי 03 יוני 2025 09:28\nאל: Bob\nנושא: RE: x'],
  ['ar', 'من: Ann\nتم الإرسال: الثلاثاء، 3 يونيو 2025 09:28\nإلى: Bob\nالموضوع: RE: x'],
  ['ja', '差出人: Ann\n送信日時: 2025年6月3日 9:28\n宛先: Bob\n件名: RE: x'],
  ['ja, full width', '差出人：Ann\n送信日時：2025年6月3日 9:28\n宛先：Bob\n件名：RE: x'],
  ['zh-CN', '发件人: Ann\n发送时间: 2025年6月3日 9:28\n收件人: Bob\n主题: RE: x'],
  [
    'zh-CN, QQ',
    '发件人: "Ann"<a@b.c>;\n发送时间: 2025年6月3日(星期二) 上午9:28\n收件人: "Bob"<b@b.c>;\n主题: Re: x',
  ],
  ['zh-TW', '寄件者: Ann\n寄件日期: 2025年6月3日 上午 09:28\n收件者: Bob\n主旨: RE: x'],
  ['ko', '보낸 사람: Ann\n보낸 날짜: 2025년 6월 3일 화요일 오전 9:28\n받는 사람: Bob\n제목: RE: x'],
  ['vi', 'Từ: Ann\nĐã gửi: Thứ Ba, 3 tháng 6, 2025 9:28 SA\nTới: Bob\nChủ đề: RE: x'],
  ['id', 'Dari: Ann\nDikirim: Selasa, 03 Juni 2025 09.28\nKepada: Bob\nPerihal: RE: x'],
  ['hr', 'Šalje: Ann\nPoslano: utorak, 3. lipnja 2025. 09:28\nPrima: Bob\nPredmet: RE: x'],
  ['sl', 'Od: Ann\nPoslano: torek, 3. junij 2025 09:28\nZa: Bob\nZadeva: RE: x'],
  ['et', 'Saatja: Ann\nSaadetud: teisipäev, 3. juuni 2025 09:28\nAdressaat: Bob\nTeema: RE: x'],
  ['GMX, de', 'Gesendet: Dienstag, 03. Juni 2025 um 09:28 Uhr\nVon: "Ann" <a@b.c>\nAn: Bob\nBetreff: x'],
  ['mail.com', 'Sent: Tuesday, June 03, 2025 at 9:28 AM\nFrom: "Ann" <a@b.c>\nTo: Bob\nSubject: x'],
  ['th', 'จาก: Ann\nส่ง: วันอังคารที่ 3 มิถุนายน 2025 9:28\nถึง: Bob\nเรื่อง: RE: x'],
  ['ca', 'De: Ann\nEnviat el: dimarts, 3 de juny de 2025 9:28\nPer a: Bob\nTema: RE: x'],
  ['eu', 'Nork: Ann\nBidaltze-data: asteartea, 2025.eko ekainak 3 9:28\nNori: Bob\nGaia: RE: x'],
  ['is', 'Frá: Ann\nSent: þriðjudagur, 3. júní 2025 09:28\nTil: Bob\nEfni: RE: x'],
  ['fa', 'از: Ann\nارسال شده: سه‌شنبه 3 ژوئن 2025 9:28\nبه: Bob\nموضوع: RE: x'],
  ['lv', 'No: Ann\nNosūtīts: otrdiena, 2025. gada 3. jūnijs 09:28\nKam: Bob\nTēma: RE: x'],
  ['Open-Xchange, fr', 'envoyé : 3 juin 2025 à 09:28\nde : Ann <a@b.c>\nà : Bob\nobjet : x'],
  [
    'bold, as Gmail shows it',
    '*From:* Ann <a@b.c>\n*Sent:* Tuesday, June 3, 2025 9:28 AM\n*To:* Bob\n*Subject:* RE: x',
  ],
  ['bold, the colon outside', '*Von*: Ann <a@b.c>\n*Gesendet*: Dienstag\n*An*: Bob\n*Betreff*: x'],
];

describe('header blocks above a quoted mail', () => {
  for (const [language, block] of BLOCKS) {
    it(language, () => {
      expect(stripText(`Own text.\n\n${block}\n\nQuoted.`)).to.equal('Own text.');
      const ruled = `Own text.\n\n________________________________\n${block}\n\nQuoted.`;
      expect(stripText(ruled), 'under a rule').to.equal('Own text.');
      expect(stripText(`${block}\n\nForwarded.`, { subject: 'Fwd: x' }), 'forwarded').to.contain(
        'Forwarded.',
      );
    });
  }

  it('take the line above them along, whatever it says', () => {
    for (const line of [
      '------------------ Original ------------------',
      '---------- Tidigare brev ----------',
    ]) {
      const text = `Own text.\n\n${line}\nFrom: Ann <a@b.c>\nDate: Tue, Jun 3, 2025\nTo: Bob\nSubject: x\n\nQuoted.`;
      expect(stripText(text)).to.equal('Own text.');
    }
  });

  const separators = [
    '-----Original Message-----',
    '-------- Original Message --------',
    '------- Original Message -------',
    '------ Original Message ------',
    '-----Ursprüngliche Nachricht-----',
    '-------- Ursprüngliche Nachricht --------',
    '-------- Originalnachricht --------',
    "-----Message d'origine-----",
    '-------- Message d’origine --------',
    '-----Mensaje original-----',
    '-------- Messaggio originale --------',
    '-----Mensagem original-----',
    '-----Oorspronkelijk bericht-----',
    '-------- Oorspronkelijk bericht --------',
    '-----Wiadomość oryginalna-----',
    '-------- Oryginalna wiadomość --------',
    '-----Původní zpráva-----',
    '-----Ursprungligt meddelande-----',
    '-----Oprindelig meddelelse-----',
    '-----Opprinnelig melding-----',
    '-----Alkuperäinen viesti-----',
    '-----Исходное сообщение-----',
    '------------------ 原始邮件 ------------------',
    '-----原始郵件-----',
    '-----元のメッセージ-----',
    '-----원본 메시지-----',
    '--------- 원본 메일 ---------',
    '-------- 원본 이메일 --------',
    '----- Mail original -----',
    '----- Ursprüngliche Mail -----',
    '-----Original-Nachricht-----',
    '---------- Původní e-mail ----------',
    '-----Ann Lee/Plant/Office wrote: -----',
    '-----Ann Lee/Plant/Office schrieb: -----',
    'Ann Lee---06/03/2025 09:28:11 AM---Pump 3 is down',
    '"Ann Lee" ---03.06.2025 09:28:11---Pump 3 is down',
    '>>> Ann Lee <ann@example.com> 6/3/2025 9:28 AM >>>',
    '>>> "Ann Lee" <ann@example.com> schrieb am Dienstag, 3. Juni 2025 um 09:28 in Nachricht\n<683EBF2B020000A1000@gw.example.com>:',
  ];
  for (const separator of separators) {
    it(separator, () => {
      expect(stripText(`Own text.\n\n${separator}\nAnn, today\n\nQuoted.`)).to.equal('Own text.');
    });
  }
});

describe('what phones and programs write under a mail', () => {
  const lines = [
    'Sent from my iPhone',
    'Sent from my iPad',
    'Sent from my Galaxy',
    'Sent from my Samsung Galaxy smartphone.',
    'Sent from my T-Mobile 5G Device',
    'Sent from Nine',
    'Sent from Yahoo Mail on Android',
    'Sent from Yahoo Mail for iPhone',
    'Sent from Outlook for iOS',
    'Sent from Mail for Windows',
    'Sent with Proton Mail secure email.',
    'Sent from Proton Mail for iOS',
    'Sent from ProtonMail mobile',
    'Sent via BlackBerry by AT&T',
    'Get Outlook for iOS',
    'Get Outlook for Android (https://aka.ms/AAb9ysg)',
    'Von meinem iPhone gesendet',
    'Von meinem Samsung Galaxy Smartphone gesendet.',
    'Gesendet von Outlook für Android',
    'Gesendet von Mail für Windows',
    'Gesendet mit Proton Mail',
    'Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.',
    'Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.',
    'Outlook für iOS beziehen',
    'Envoyé de mon iPhone',
    'Envoyé depuis mon appareil Galaxy',
    'Envoyé à partir de Outlook pour Android',
    'Télécharger Outlook pour iOS',
    'Enviado desde mi iPhone',
    'Enviado desde Outlook para Android',
    'Obtener Outlook para iOS',
    'Inviato da iPhone',
    'Inviato dal mio Galaxy',
    'Scarica Outlook per Android',
    'Enviado do meu iPhone',
    'Obter o Outlook para iOS',
    'Verstuurd vanaf mijn iPhone',
    'Verzonden vanaf mijn Galaxy',
    'Outlook voor Android downloaden',
    'Wysłane z iPhone’a',
    'Wysłane z mojego Galaxy',
    'Odesláno z iPhonu',
    'Odesláno z mého telefonu Samsung',
    'Skickat från min iPhone',
    'Sendt fra min iPhone',
    'Hent Outlook til Android',
    'Hämta Outlook för iOS',
    'Lähetetty iPhonesta',
    'Отправлено с iPhone',
    'Отправлено из мобильной Почты Mail',
    "iPhone'umdan gönderildi",
    "Android için Outlook'u edinin",
    'iPhoneから送信',
    '发自我的iPhone',
    '從我的 iPhone 傳送',
    '获取 Outlook for iOS',
    '나의 iPhone에서 보냄',
    'Küldve az iPhone-omról',
    'Trimis de pe iPhone',
    'נשלח מה-iPhone שלי',
    'Enviat des del meu iPhone',
    'Please excuse brevity, sent from my mobile',
    'Sent from my mobile, please excuse typos.',
    'Sent from Mailspring (https://getmailspring.com/), the best free email app for work',
    'Sent with Tutanota, the secure & ad-free mailbox.',
    'Secured with Tuta Mail',
    "Inviato con l'email sicura Proton Mail.",
    'Enviado con el correo electrónico seguro de Proton Mail.',
    'Get BlueMail for Android',
    'Yahoo Mail: Search, Organize, Conquer (https://mail.onelink.me/107872968?pid=nativeplacement)',
    'Von Yahoo Mail für iPhone gesendet',
    'Von Samsung-Tablet gesendet',
    'Gesendet vom Handy',
    'Obtenez Outlook pour iOS',
    'Téléchargez Outlook pour iOS',
    'Provenance : Courrier pour Windows',
    'Provenienza: Posta per Windows',
    'Verzonden vanuit Mail voor Windows',
    'Windows için Posta ile gönderildi',
    '从 Windows 版邮件发送',
    'Windows용 메일에서 보냄',
    'Descarregar o Outlook para iOS',
    'Baixe o Outlook para iOS',
    'Download Outlook voor Android',
    'Pobierz aplikację Outlook dla systemu iOS',
    'Získat Outlook pro iOS',
    'Získať Outlook pre iOS',
    'Poslané z iPhonu',
    'Poslano z mojega iPhona',
    'Poslano s mog iPhonea',
    'Изпратено от моя iPhone',
    'Скачать Outlook для Android',
    'Stiahnuť Outlook pre Android',
    'Samsung Galaxy akıllı telefonumdan gönderildi.',
    'Εστάλη από το iPhone μου',
    'Αποστολή από το iPhone μου',
    'Skaffa Outlook för iOS',
    'Få Outlook for iOS',
    'Hanki Outlook iOSille',
    'Outlook beszerzése iOS-re',
    'Descărcați Outlook pentru iOS',
    'Obțineți Outlook pentru Android',
    'Nabavite Outlook za iOS',
    'Prenesite Outlook za iOS',
    'דואר זה נשלח מ-iPhone שלי',
    'השג את Outlook עבור iOS',
    'مُرسل من الـ iPhone',
    'احصل على Outlook for iOS',
    'Dikirim dari iPhone saya',
    'Dapatkan Outlook untuk iOS',
    'Gửi từ iPhone của tôi',
    'Được gửi từ điện thoại Galaxy',
    'Tải Outlook cho iOS',
    'ส่งจาก iPhone ของฉัน',
    'รับ Outlook สำหรับ iOS',
    '发送自我的三星手机',
    '傳送自我的三星手機',
    '從 Outlook for Android 傳送',
    'Outlook for iOS を入手',
    '내 휴대폰에서 전송됨',
    'iOS용 Outlook 다운로드',
    'Sent from Canary (https://canarymail.io)',
    'Sent from eM Client | www.emclient.com',
    'Sent by BlueMail',
    'Enviado desde mi dispositivo Android con K-9 Mail. Por favor, disculpa mi brevedad.',
  ];
  for (const line of lines) {
    it(line, () => {
      expect(stripText(`Own text.\n\n${line}`)).to.equal('Own text.');
      const answer = `Own text.\n\n${line}\n\nOn 3 Jun 2025, at 09:28, Ann <a@b.c> wrote:\n\n> Quoted.`;
      expect(stripText(answer)).to.equal('Own text.');
    });
  }
});

describe('what a person wrote', () => {
  const whole: readonly (readonly [string, string])[] = [
    ['a line that begins with On', 'On Monday we meet at 9:30 in room 4.\nOn Tuesday we do not.'],
    [
      'a line that begins with On and ends in a colon',
      'On 3 June 2025 at 9:28 these failed:\npump 1\npump 2',
    ],
    ['what somebody wrote, told in a sentence', 'Ann wrote:\nthe pump is off.'],
    ['a date and wrote in a sentence', 'As Ann wrote on 3 June, the pump is off.'],
    ['a list of settings', 'Date: 3 June\nTo: the north gate\nBring: a lamp'],
    ['an itinerary', 'Your trip:\n\nFrom: Berlin\nTo: Paris\nDate: 3 June\nGate: 4'],
    ['a question and its answer', 'Subject: maths\nDate: Friday'],
    ['a sentence with Sent from', 'Sent from my desk, is much easier than the phone.'],
    ['that something was sent by somebody', 'Sent by courier this morning.'],
    ['what is to be installed', 'Then install Outlook for Android, it has the same calendar.'],
    ['a report of success', 'Enviado con éxito: 3 de 3'],
    ['a message sent from a host', 'Alert sent from web1 at 9:28: disk full'],
    ['two dashes as a dash', 'Pump off -- tank empty'],
    ['a rule between sections', 'Pumps\n-----\n1 off\n\nTanks\n-----\n2 empty'],
    ['a hash heading', '# Pumps\n1 off'],
    ['a greater-than at the end', 'Load > 5\nTemp > 40'],
    ['a shell prompt', '$ cat x > y\n$ echo done'],
    ['a short text with confidential in it', 'The code is confidential, the intended reader is Ann.'],
    ['a rule with words', '--- Pumps ---\n1 off\n--- Tanks ---\n2 empty'],
    ['a time table', '9:28 Ann\n9:30 Bob:'],
    ['von and an', 'Von: Berlin\nAn: 9:28 in Paris'],
  ];
  for (const [name, text] of whole) {
    it(`${name} stays`, () => {
      const above = `Hello.\n\n${text}`;
      expect(stripText(text)).to.equal(text);
      expect(stripText(above)).to.equal(above);
    });
  }

  it('stays between quotes and below them', () => {
    const text =
      'On 3 Jun 2025, Ann <a@b.c> wrote:\n> First?\n\nYes.\n\n> Second?\n\nNo.\n\n> Third?\n\nMaybe.\n\n-- \nBob';
    expect(stripText(text)).to.equal('Yes.\n\nNo.\n\nMaybe.');
  });

  it('stays below a quote that is introduced without marks but marked', () => {
    const text =
      'Ann Lee <a@b.c> wrote on 06/03/2025 09:28:11 AM:\n\n> Coffee?\n> Tea?\n\nTea, please.\n\nBob';
    expect(stripText(text)).to.equal('Tea, please.\n\nBob');
  });

  it('stays where it begins with the mark of a quote in a mail that answers none', () => {
    const text = 'Alarms:\n> 90 % disk\n> 5 bar';
    expect(stripText(text, { reply: false })).to.equal(text);
    expect(stripText(text)).to.equal('Alarms:');
    const ticket = 'New comment:\n\nOn 3 Jun 2025, at 09:28, Ann <a@b.c> wrote:\n\n> Pump 3 is off.';
    expect(stripText(ticket, { reply: false })).to.equal(ticket);
  });

  it('stays where it forwards a mail, whatever the subject says', () => {
    const apple =
      'See below.\n\nBegin forwarded message:\n\n> From: Ann <a@b.c>\n> Subject: Alarm\n> To: Bob\n>\n> Pump.';
    expect(stripText(apple, { subject: 'Fwd: Alarm' })).to.match(/^See below\.[^]*Pump\.$/);
    const gmail =
      'FYI\n\n---------- Forwarded message ---------\nFrom: Ann <a@b.c>\nDate: Tue\nSubject: Alarm\n\nPump.';
    expect(stripText(gmail, { subject: 'please look' })).to.equal(gmail);
  });

  it('stays where nothing else is left', () => {
    const text = 'From: Ann\nSent: Tuesday\nTo: Bob\nSubject: x\n\nNothing above.';
    expect(stripText(text)).to.contain('Nothing above.');
    expect(stripText('Sent from my iPhone')).to.equal('Sent from my iPhone');
    const bare = 'Sent from my iPhone\n\n> Pump 3 is off.';
    expect(stripText(bare)).to.equal(bare);
    const code = 'This message with the code 1234 is confidential and for its recipient.';
    expect(stripText(`${code}\n\nOn 3 June 2025 Ann wrote:\n> Code?`)).to.equal(code);
  });
});

import { withoutDirection } from './introduction.ts';

/**
 * The fields that Outlook, Hotmail, Notes, phones and many others put above the mail that is answered, in any order and
 * language:
 *
 *     From: Ann Lee <ann@example.com>
 *     Sent: Tuesday, June 3, 2025 9:28 AM
 *     To: Bob
 *     Subject: Pump
 *
 * A journey has From, To and Date as well: a mail has a subject, an address, or a date called "Sent".
 */

/** What a field tells. */
const SENDER = 1;
const SENT = 2;
const DATE = 4;
const SUBJECT = 8;
const REST = 16;

/** Names in lower case, language by language, separated by bars; one line adds some. */
const TABLE: readonly (readonly [tells: number, names: readonly string[]])[] = [
  [
    SENDER,
    [
      'from|message du|von|absender|de|de la|expéditeur|remitente|da|mittente|van|afzender|od|odesílatel|nadawca|från|avsändare',
      'fra|afsender|avsender|lähettäjä|feladó|от|отправитель|од|від|відправник|από|αποστολέας|kimden|gönderen|dari|од кого|frá',
      'nork|remitent|از|จาก|từ|saatja|kellelt|siuntėjas|nuo|no|sūtītājs|šalje|pošiljatelj|מאת|من|发件人|寄件者|寄件人|差出人',
      '送信者|發件人|보낸 사람|보낸사람|보내는 사람',
    ],
  ],
  [
    // When it was sent, in words that stand in mails only.
    SENT,
    [
      'sent|date sent|sent at|gesendet|gesendet am|envoyé|envoyé le|envoyée|date d’envoi|enviado|enviada|enviado el|enviado em',
      'enviada em|enviado às|fecha de envío|data de envio|inviato|inviato il|data invio|data di invio|verzonden|verzonden op',
      'wysłane|wysłano|data wysłania|odesláno|odoslané|skickat|skickades|sendt|sendt den|lähetetty|küldve|elküldve|trimis',
      'отправлено|отправлен|дата отправки|надіслано|відправлено|изпратено|послато|στάλθηκε|αποστολή|ημερομηνία αποστολής',
      'gönderildi|gönderme tarihi|gönderilme tarihi|dikirim|đã gửi|poslano|saadetud|saatmisaeg|enviat el|enviat|bidaltze-data',
      'ارسال شده|ส่ง|išsiųsta|nosūtīts|נשלח|تم الإرسال|发送时间|发送日期|發送時間|寄件日期|傳送時間|傳送日期|送信日時|送信日|送信日付',
      '보낸 날짜|보낸날짜|보낸 시간',
    ],
  ],
  [
    // The same, in words that stand in timetables too.
    DATE,
    [
      "date|date d'envoi|date/time|date and time|datum|datum/uhrzeit|fecha|data|dato|päivämäärä|päiväys|dată|дата|ημερομηνία|tarih",
      'tanggal|ngày|kuupäev|datums|dátum|le|am|תאריך|التاريخ|تاريخ|วันที่|日期|时间|時間|日時|日付|날짜',
    ],
  ],
  [
    SUBJECT,
    [
      'subject|betreff|betrifft|objet|sujet|asunto|assunto|oggetto|onderwerp|betreft|temat|předmět|predmet|ämne|rubrik|emne|aihe',
      'otsikko|tárgy|subiect|тема|относно|наслов|предмет|θέμα|konu|perihal|subjek|chủ đề|tiêu đề|zadeva|teema|temats|tema|נושא',
      'الموضوع|موضوع|efni|gaia|assumpte|tēma|เรื่อง|หัวข้อ|主题|主題|主旨|件名|标题|제목',
    ],
  ],
  [
    REST,
    [
      'to|cc|bcc|copy|reply-to|reply to|importance|priority|attachments|attachment|organization|an|empfänger|kopie|kopie an|antwort an',
      'wichtigkeit|priorität|anlagen|anhang|anhänge|gesendet von|à|a|copie|copie à|répondre à|pièces jointes|para|destinatario|cco|cci|ccn',
      'importancia|adjuntos|anexos|responder a|allegati|rispondi a|aan|kopie aan|bijlagen|do|dw|odp. do|załączniki|komu|přílohy|till|kopia',
      'svara till|bilagor|til|kopi|kopi til|vedhæftninger|vastaanottaja|kopio|liitteet|címzett|másolatot kap|másolat|către|кому|копия|копія',
      'вложения|вкладення|до|за|προς|κοιν|κοινοποίηση|kime|bilgi|ekler|alıcı|kepada|tới|đến|prima|za|adressaat|koopia|kam|kopija|kellele',
      'per a|nori|به|ถึง|สำเนา|אל|עותק|إلى|نسخة|收件人|抄送|收件者|副本|附件|宛先|添付ファイル|받는 사람|받는사람|받은 사람|참조|첨부',
    ],
  ],
];

const TELLS: ReadonlyMap<string, number> = new Map(
  TABLE.flatMap(([tells, rows]) =>
    rows.flatMap((row) => row.split('|').map((name) => [name, tells] as const)),
  ),
);

/** Lines looked at for the rest of a block; more than this of a recipient field that goes on are too many. */
const LOOK_AHEAD = 12;
const MAX_CONTINUED = 3;
/** Longer lines are no field. */
const MAX_LINE = 2000;

/** A field in a language not listed: it counts under the rule that Outlook draws above the block. */
const ANY = /^\*?\p{L}[\p{L}\p{M}' ]{0,24}\*?\s?[:：]\*?\s{0,3}\S/u;

/** Does such a block begin on this line? */
export function isHeaderBlock(lines: readonly string[], at: number): boolean {
  const first = fieldOf(lines[at] ?? '');
  if (first === undefined || !first.hasValue) return false;
  const ruled = /^_{20,}$/.test(lines[at - 1] ?? '');
  if (ruled) {
    const block = lines.slice(at, at + 7);
    if (block.filter((line) => ANY.test(withoutDirection(line))).length >= 4) return true;
  }
  if (first.tells === 0) return false;
  let tells = first.tells;
  let count = 1;
  let hasAddress = /\S@\S/.test(lines[at] ?? '');
  let continued = 0;
  for (let next = at + 1; next < at + LOOK_AHEAD; next++) {
    const line = lines[next] ?? '';
    if (line === '') continue;
    const field = fieldOf(line);
    if (field !== undefined && field.tells !== 0) {
      tells |= field.tells;
      count += 1;
      continued = 0;
    } else if (++continued > MAX_CONTINUED) {
      break;
    }
    if (continued === 0) hasAddress ||= /\S@\S/.test(line);
  }
  return count >= 3 && isMail(first.tells, tells, hasAddress);
}

/** Is such a block all on this line? Programs that make HTML plain by taking its tags out do that. */
export function isBlockOnOneLine(line: string): boolean {
  if (line.length > MAX_LINE) return false;
  const first = fieldOf(line);
  if (first === undefined || first.tells === 0) return false;
  let tells = 0;
  let count = 0;
  for (const { index } of line.matchAll(/[:：]/g)) {
    const words = line
      .slice(Math.max(0, index - 30), index)
      .replace(/[*_]/g, '')
      .trim()
      .toLowerCase()
      .split(' ');
    const names = [1, 2, 3].map((length) => words.slice(-length).join(' '));
    const told = names.map((name) => TELLS.get(name) ?? 0).find((each) => each !== 0) ?? 0;
    if (told === 0) continue;
    tells |= told;
    count += 1;
  }
  return count >= 3 && isMail(first.tells, tells, line.includes('@'));
}

/**
 * @param first what the field on top tells: a sender or "Sent" is taken for a mail's sooner than what lists have too.
 */
function isMail(first: number, tells: number, hasAddress: boolean): boolean {
  const has = (mask: number): boolean => (tells & mask) !== 0;
  if (!has(SENDER)) return has(SENT) && has(SUBJECT) && has(REST);
  if ((first & (SENDER | SENT)) !== 0) return has(SENT | SUBJECT) || hasAddress;
  return has(DATE | SENT) && (has(SUBJECT) || (has(REST) && hasAddress));
}

/** What a field on a line of its own tells, by whatever it is set off; `tells` is 0 for a name that is not known. */
function fieldOf(line: string): { readonly tells: number; readonly hasValue: boolean } | undefined {
  if (line.length > MAX_LINE) return undefined;
  const match = /^[>*_|\s]{0,40}(\p{L}[^:：*_]{0,30}?)\s?[*_]{0,2}\s?[:：][*_]{0,2}\s{0,12}(\S?)/u.exec(
    withoutDirection(line),
  );
  if (match === null) return undefined;
  return { tells: TELLS.get((match[1] ?? '').toLowerCase()) ?? 0, hasValue: match[2] !== '' };
}

/** Is this line one of the fields? */
export function isField(line: string): boolean {
  const field = fieldOf(line);
  return field !== undefined && field.tells !== 0 && field.hasValue;
}
